// What the provider offers of what the token has.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "providers/pkcs11/mechanisms/token_mechanisms.h"
#include "providers/pkcs11/token/token.h"
#include "providers/provider.h"
#include "providers/software/software_provider.h"

namespace strongroom::pkcs11 {

// Asks the token when that has not succeeded before. No list names curves: they are tried when they
// are first asked about. For any thread. Software has a say: it does the other half of each
// operation.
class Capabilities {
 public:
  Capabilities(Token& token, SoftwareProvider& software, bool allow_export) noexcept
      : token_(token), software_(software), allow_export_(allow_export) {}

  Result<std::shared_ptr<const TokenMechanisms>> mechanisms();

  // Each answers PsaErrorNotSupported, saying what is not offered. 0 bits ask about any size, a
  // hash left open about any hash.
  Result<> check_key(const psa::KeyType& type, std::uint32_t bits);
  Result<> check_signature(const psa::KeyType& type, std::uint32_t bits,
                           const psa::AsymmetricSignature& signature);
  Result<> check_encryption(const psa::KeyType& type, std::uint32_t bits,
                            const psa::AsymmetricEncryption& encryption);
  Result<> check_agreement(const psa::KeyType& type, std::uint32_t bits,
                           psa::RawKeyAgreement agreement);
  Result<> check_cipher(const psa::KeyType& type, std::uint32_t bits, psa::Cipher cipher);
  Result<> check_aead(const psa::KeyType& type, std::uint32_t bits, const psa::Aead& aead);
  Result<> check_mac(const psa::KeyType& type, std::uint32_t bits, const psa::Mac& mac);

  // Whether such a key is generated: for an algorithm that the token does nothing with, whatever
  // the flags, none is.
  Result<> check_generation(const psa::KeyAttributes& attributes);

  // The answer to Provider::supports() for what needs the token.
  Result<> check_capability(Capability capability, const psa::KeyAttributes& attributes);

 private:
  using Trials = std::map<std::pair<psa::EccFamily, std::uint32_t>, bool>;

  Result<bool> has_key(const psa::KeyType& type, std::uint32_t bits);
  Result<bool> has_curve(const TokenMechanisms& has, const psa::KeyType& type, std::uint32_t bits);
  Result<bool> makes_keys_on(const psa::KeyType& type, std::uint32_t bits);

  Result<bool> agrees_on(const psa::KeyType& type, std::uint32_t bits);
  template <typename Trial>
  Result<bool> tried(Trials& trials, const psa::KeyType& type, std::uint32_t bits, Trial trial);

  Token& token_;
  SoftwareProvider& software_;
  bool allow_export_;
  std::mutex mutex_;  // never held during a call
  std::shared_ptr<const TokenMechanisms> mechanisms_;
  Trials makes_keys_;
  Trials agrees_;
};

}  // namespace strongroom::pkcs11
