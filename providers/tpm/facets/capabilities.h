// What a TPM says that it has, and what the provider offers of that.
#pragma once

#include <set>

#include "providers/provider.h"
#include "providers/tpm/session/channel.h"

namespace strongroom::tpm {

// Immutable once asked for; for any thread.
class Capabilities {
 public:
  // Asks for algorithms, commands and curves, and whether it has RSA and AES keys of each size.
  static Outcome<Capabilities> of(Channel& channel);

  bool has_algorithm(TPM2_ALG_ID algorithm) const { return algorithms_.contains(algorithm); }
  // 0 bits ask about any size.
  bool has_key(const psa::KeyType& type, std::uint32_t bits) const;
  // TPM2_ALG_NULL for a hash that it lacks.
  TPM2_ALG_ID hash(psa::Hash hash) const;
  // The mode that the algorithm is made of; TPM2_ALG_NULL for one that it lacks.
  TPM2_ALG_ID mode(psa::Cipher cipher) const;
  // Bytes that a command takes at a time, in whole blocks.
  std::size_t input_size() const noexcept { return input_size_; }

  // Each answers PsaErrorNotSupported, saying what is not offered. A hash left open stands for any.
  Result<> check_key(const psa::KeyType& type, std::uint32_t bits) const;
  Result<> check_signature(const psa::KeyType& type, std::uint32_t bits,
                           const psa::AsymmetricSignature& signature) const;
  Result<> check_encryption(const psa::KeyType& type, std::uint32_t bits,
                            const psa::AsymmetricEncryption& encryption) const;
  Result<> check_agreement(const psa::KeyType& type, std::uint32_t bits,
                           psa::RawKeyAgreement agreement) const;
  Result<> check_mac(const psa::KeyType& type, std::uint32_t bits, const psa::Mac& mac) const;
  Result<> check_cipher(const psa::KeyType& type, std::uint32_t bits, psa::Cipher cipher) const;

  // Whether such a key is generated: for an algorithm that the TPM does nothing with, whatever the
  // flags, none is.
  Result<> check_generation(const psa::KeyAttributes& attributes) const;

  // The answer to Provider::supports() for what needs the TPM.
  Result<> check_capability(Capability capability, const psa::KeyAttributes& attributes) const;

 private:
  Capabilities() = default;
  Outcome<> ask_algorithms(Channel& channel);
  Outcome<> ask_curves(Channel& channel);
  Outcome<> ask_commands(Channel& channel);
  Outcome<> ask_sizes(Channel& channel);
  Outcome<> ask_input_size(Channel& channel);
  bool has_command(TPM2_CC command) const { return commands_.contains(command); }

  std::set<TPM2_ALG_ID> algorithms_;
  std::set<TPM2_CC> commands_;
  std::set<TPM2_ECC_CURVE> curves_;
  std::set<std::uint32_t> rsa_sizes_;
  std::set<std::uint32_t> aes_sizes_;
  std::size_t input_size_ = 0;
};

}  // namespace strongroom::tpm
