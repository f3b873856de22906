// What a TPM says that it has, and what the provider offers of that.
#pragma once

#include <set>

#include "providers/provider.h"
#include "providers/tpm/session/channel.h"

namespace strongroom::tpm {

// Immutable once asked for; for any thread.
class Capabilities {
 public:
  // Asks for algorithms, curves, and whether it has RSA keys of each size.
  static Outcome<Capabilities> of(Channel& channel);

  bool has_algorithm(TPM2_ALG_ID algorithm) const { return algorithms_.contains(algorithm); }
  // 0 bits ask about any size.
  bool has_key(const psa::KeyType& type, std::uint32_t bits) const;
  // TPM2_ALG_NULL for a hash that it lacks.
  TPM2_ALG_ID hash(psa::Hash hash) const;

  // Each answers PsaErrorNotSupported, saying what is not offered. A hash left open stands for any.
  Result<> check_key(const psa::KeyType& type, std::uint32_t bits) const;
  Result<> check_signature(const psa::KeyType& type, std::uint32_t bits,
                           const psa::AsymmetricSignature& signature) const;
  Result<> check_encryption(const psa::KeyType& type, std::uint32_t bits,
                            const psa::AsymmetricEncryption& encryption) const;
  Result<> check_agreement(const psa::KeyType& type, std::uint32_t bits,
                           psa::RawKeyAgreement agreement) const;

  // The answer to Provider::supports() for what needs the TPM.
  Result<> check_capability(Capability capability, const psa::KeyAttributes& attributes) const;

 private:
  Capabilities() = default;
  Outcome<> ask_algorithms(Channel& channel);
  Outcome<> ask_curves(Channel& channel);
  Outcome<> ask_rsa_sizes(Channel& channel);

  std::set<TPM2_ALG_ID> algorithms_;
  std::set<TPM2_ECC_CURVE> curves_;
  std::set<std::uint32_t> rsa_sizes_;
};

}  // namespace strongroom::tpm
