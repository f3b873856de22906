// Which uses of which keys the provider serves, decided for supports() and for the operations
// alike.
#pragma once

#include "base/error.h"
#include "providers/provider.h"
#include "providers/software/algorithms.h"

namespace strongroom::software {

// A key as far as it decides what can be done with it; 0 bits stand for any size.
struct KeyShape {
  const psa::KeyType& type;
  std::uint32_t bits;
};
inline KeyShape shape_of(const KeyRecord& key) noexcept {
  return {key.attributes.type, key.attributes.bits};
}

// What a key that is made may be for: with this, supports() answers by its type and algorithm
// alone.
inline constexpr psa::UsageFlags kEveryUse{.encrypt = true,
                                           .decrypt = true,
                                           .sign_message = true,
                                           .verify_message = true,
                                           .sign_hash = true,
                                           .verify_hash = true,
                                           .derive = true};

// Each answers PsaErrorNotSupported, saying what is not offered. A hash left open ("any") stands
// for any hash. A tag or a MAC of a length that the algorithm does not have is not offered, but
// lengths are for the operations to refuse, with PsaErrorInvalidArgument; see below.
Result<> check_signature(const Algorithms& algorithms, const KeyShape& key,
                         const psa::AsymmetricSignature& signature);
Result<> check_encryption(const Algorithms& algorithms, const KeyShape& key,
                          const psa::AsymmetricEncryption& encryption);
Result<> check_aead(const Algorithms& algorithms, const KeyShape& key, const psa::Aead& aead);
Result<> check_cipher(const Algorithms& algorithms, const KeyShape& key, psa::Cipher cipher);
Result<> check_mac(const Algorithms& algorithms, const KeyShape& key, const psa::Mac& mac);
Result<> check_agreement(const Algorithms& algorithms, const KeyShape& key,
                         const psa::KeyAgreement& agreement);
Result<> check_derivation(const Algorithms& algorithms, const KeyShape& key,
                          const psa::KeyDerivation& derivation);
// Whether keys of the type come out of derivations; 0 asks about any size.
Result<> check_derivable(const Algorithms& algorithms, const psa::KeyType& type,
                         std::uint32_t bits);

Result<> check_key_wrap(const Algorithms& algorithms, const KeyShape& key,
                        const psa::KeyWrap& wrap);

// Bytes of the key that stands between RSA-OAEP and AES-KWP.
inline constexpr std::size_t kKeyBehindRsa = 32;

// The mode that an algorithm needs of the key's cipher.
Mode mode_of(psa::Cipher cipher) noexcept;
Mode mode_of(psa::Aead::Kind aead) noexcept;

// GCM, CCM and ChaCha20-Poly1305 have tags of certain lengths only (SP 800-38D §5.2.1.2, SP 800-38C
// §A.1, RFC 8439 §2.8); OpenSSL would take others.
bool is_tag_size(psa::Aead::Kind aead, std::uint32_t bytes) noexcept;

// Length of the MAC before truncation, in bytes; `key` is the key's type and decides for the MACs
// that are made with a block cipher.
std::size_t full_mac_size(const psa::Mac& mac, psa::KeyType::Kind key) noexcept;
// At least 4 bytes and no more than there are.
bool is_mac_size(const psa::Mac& mac, psa::KeyType::Kind key) noexcept;

// PsaErrorInvalidArgument for what is no hash that the algorithm signs with that key.
Result<> check_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm, ByteView hash);

// The answer to Provider::supports().
Result<> check_capability(const Algorithms& algorithms, Capability capability,
                          const psa::KeyAttributes& attributes);

}  // namespace strongroom::software
