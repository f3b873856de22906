// Mechanisms of PKCS#11 for what the contract names.
#pragma once

#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/psa.h"
#include "providers/pkcs11/module/cryptoki.h"

namespace strongroom::pkcs11 {

// As parameters of OAEP and PSS name a hash, and MGF1 with it; empty for one that v2.40 does not
// name there.
struct PaddingHash {
  CK_MECHANISM_TYPE hash;
  CK_RSA_PKCS_MGF_TYPE mgf;
};
std::optional<PaddingHash> padding_hash(psa::Hash hash) noexcept;

// Each is empty for what has no mechanism.
std::optional<CK_MECHANISM_TYPE> mechanism_of(const psa::AsymmetricSignature& signature) noexcept;
CK_MECHANISM_TYPE mechanism_of(const psa::AsymmetricEncryption& encryption) noexcept;
std::optional<CK_MECHANISM_TYPE> mechanism_of(const psa::Aead& aead) noexcept;
std::optional<CK_MECHANISM_TYPE> mechanism_of(psa::Cipher cipher, const psa::KeyType& type,
                                              std::uint32_t bits) noexcept;
// Of CBC-MAC the cipher's, whose last block it is.
std::optional<CK_MECHANISM_TYPE> mechanism_of(const psa::Mac& mac, const psa::KeyType& type,
                                              std::uint32_t bits) noexcept;

// Of DES keys with one, two and three halves of 64 bits; 0 bits stand for those of three.
CK_MECHANISM_TYPE des_generation(std::uint32_t bits) noexcept;

// What CKA_ALLOWED_MECHANISMS of a key of that policy holds; empty for a policy that permits
// nothing, where the token has no say.
std::vector<CK_MECHANISM_TYPE> allowed_mechanisms(const psa::KeyAttributes& key);

// The DigestInfo that PKCS#1 v1.5 signs (RFC 8017 §9.2): CKM_RSA_PKCS pads what it is given.
// PsaErrorNotSupported for a hash without an OID.
Result<Bytes> digest_info(psa::Hash hash, ByteView digest);

}  // namespace strongroom::pkcs11
