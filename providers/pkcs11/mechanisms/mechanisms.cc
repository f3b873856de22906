#include "providers/pkcs11/mechanisms/mechanisms.h"

#include <algorithm>
#include <array>
#include <span>

#include <openssl/asn1.h>
#include <openssl/objects.h>

namespace strongroom::pkcs11 {
namespace {

struct HashRow {
  psa::Hash hash;
  int nid;
  CK_MECHANISM_TYPE digest = CK_UNAVAILABLE_INFORMATION;
  CK_RSA_PKCS_MGF_TYPE mgf = CK_UNAVAILABLE_INFORMATION;
  CK_MECHANISM_TYPE hmac = CK_UNAVAILABLE_INFORMATION;
};
constexpr std::array kHashes = {
    HashRow{psa::Hash::Md2, NID_md2},
    HashRow{psa::Hash::Md4, NID_md4},
    HashRow{.hash = psa::Hash::Md5, .nid = NID_md5, .hmac = CKM_MD5_HMAC},
    HashRow{.hash = psa::Hash::Ripemd160, .nid = NID_ripemd160, .hmac = CKM_RIPEMD160_HMAC},
    HashRow{psa::Hash::Sha1, NID_sha1, CKM_SHA_1, CKG_MGF1_SHA1, CKM_SHA_1_HMAC},
    HashRow{psa::Hash::Sha224, NID_sha224, CKM_SHA224, CKG_MGF1_SHA224, CKM_SHA224_HMAC},
    HashRow{psa::Hash::Sha256, NID_sha256, CKM_SHA256, CKG_MGF1_SHA256, CKM_SHA256_HMAC},
    HashRow{psa::Hash::Sha384, NID_sha384, CKM_SHA384, CKG_MGF1_SHA384, CKM_SHA384_HMAC},
    HashRow{psa::Hash::Sha512, NID_sha512, CKM_SHA512, CKG_MGF1_SHA512, CKM_SHA512_HMAC},
    HashRow{.hash = psa::Hash::Sha512_224, .nid = NID_sha512_224, .hmac = CKM_SHA512_224_HMAC},
    HashRow{.hash = psa::Hash::Sha512_256, .nid = NID_sha512_256, .hmac = CKM_SHA512_256_HMAC},
    HashRow{psa::Hash::Sha3_224, NID_sha3_224},
    HashRow{psa::Hash::Sha3_256, NID_sha3_256},
    HashRow{psa::Hash::Sha3_384, NID_sha3_384},
    HashRow{psa::Hash::Sha3_512, NID_sha3_512},
};

const HashRow& row_of(psa::Hash hash) noexcept {
  return *std::ranges::find(kHashes, hash, &HashRow::hash);
}

std::optional<CK_MECHANISM_TYPE> known(CK_MECHANISM_TYPE mechanism) noexcept {
  return mechanism == CK_UNAVAILABLE_INFORMATION ? std::nullopt : std::optional(mechanism);
}

constexpr std::uint32_t kSingleDes = 64;
constexpr std::uint32_t kDoubleDes = 128;

constexpr std::byte kSequence{0x30};
constexpr std::byte kOctetString{0x04};

// Nothing here is as long as 128 bytes.
void append_element(Bytes& out, std::byte tag, ByteView content) {
  out.push_back(tag);
  out.push_back(static_cast<std::byte>(content.size()));
  out.insert(out.end(), content.begin(), content.end());
}

std::optional<CK_MECHANISM_TYPE> aes_mechanism(psa::Cipher cipher) noexcept {
  switch (cipher) {
    case psa::Cipher::Ctr: return CKM_AES_CTR;
    case psa::Cipher::Cfb: return CKM_AES_CFB128;
    case psa::Cipher::Ofb: return CKM_AES_OFB;
    case psa::Cipher::EcbNoPadding: return CKM_AES_ECB;
    case psa::Cipher::CbcNoPadding:
    case psa::Cipher::CbcPkcs7: return CKM_AES_CBC;
    case psa::Cipher::StreamCipher:
    case psa::Cipher::Xts: break;
  }
  return std::nullopt;
}

std::optional<CK_MECHANISM_TYPE> des_mechanism(psa::Cipher cipher, std::uint32_t bits) noexcept {
  const bool is_single = bits == kSingleDes;
  switch (cipher) {
    case psa::Cipher::EcbNoPadding: return is_single ? CKM_DES_ECB : CKM_DES3_ECB;
    case psa::Cipher::CbcNoPadding:
    case psa::Cipher::CbcPkcs7: return is_single ? CKM_DES_CBC : CKM_DES3_CBC;
    default: return std::nullopt;
  }
}

std::optional<CK_MECHANISM_TYPE> cmac_mechanism(psa::KeyType::Kind kind,
                                                std::uint32_t bits) noexcept {
  if (kind == psa::KeyType::Kind::Aes) return CKM_AES_CMAC;
  const bool is_triple = kind == psa::KeyType::Kind::Des && bits != kSingleDes;
  return is_triple ? std::optional(CKM_DES3_CMAC) : std::nullopt;
}

struct AllowedBy {
  const psa::KeyAttributes& key;

  std::optional<CK_MECHANISM_TYPE> operator()(const psa::KeyAgreement& agreement) const {
    return agreement.raw == psa::RawKeyAgreement::Ffdh ? CKM_DH_PKCS_DERIVE : CKM_ECDH1_DERIVE;
  }
  std::optional<CK_MECHANISM_TYPE> operator()(const auto& algorithm) const {
    if constexpr (requires { mechanism_of(algorithm, key.type, key.bits); })
      return mechanism_of(algorithm, key.type, key.bits);
    else if constexpr (requires { mechanism_of(algorithm); })
      return mechanism_of(algorithm);
    else
      return std::nullopt;
  }
};

}  // namespace

std::optional<PaddingHash> padding_hash(psa::Hash hash) noexcept {
  const HashRow& row = row_of(hash);
  if (row.mgf == CK_UNAVAILABLE_INFORMATION) return std::nullopt;
  return PaddingHash{row.digest, row.mgf};
}

std::optional<CK_MECHANISM_TYPE> mechanism_of(const psa::AsymmetricSignature& signature) noexcept {
  using Kind = psa::AsymmetricSignature::Kind;
  switch (signature.kind) {
    case Kind::RsaPkcs1v15:
    case Kind::RsaPkcs1v15Raw: return CKM_RSA_PKCS;
    case Kind::RsaPss: return CKM_RSA_PKCS_PSS;
    case Kind::Ecdsa:
    case Kind::EcdsaAny: return CKM_ECDSA;
    case Kind::PureEddsa: return CKM_EDDSA;
    case Kind::DeterministicEcdsa: break;
  }
  return std::nullopt;
}

CK_MECHANISM_TYPE mechanism_of(const psa::AsymmetricEncryption& encryption) noexcept {
  return encryption.hash ? CKM_RSA_PKCS_OAEP : CKM_RSA_PKCS;
}

std::optional<CK_MECHANISM_TYPE> mechanism_of(psa::Cipher cipher, const psa::KeyType& type,
                                              std::uint32_t bits) noexcept {
  if (type.kind == psa::KeyType::Kind::Aes) return aes_mechanism(cipher);
  return type.kind == psa::KeyType::Kind::Des ? des_mechanism(cipher, bits) : std::nullopt;
}

std::optional<CK_MECHANISM_TYPE> mechanism_of(const psa::Aead& aead) noexcept {
  switch (aead.kind) {
    case psa::Aead::Kind::Ccm: return CKM_AES_CCM;
    case psa::Aead::Kind::Gcm: return CKM_AES_GCM;
    case psa::Aead::Kind::Chacha20Poly1305: break;
  }
  return std::nullopt;
}

std::optional<CK_MECHANISM_TYPE> mechanism_of(const psa::Mac& mac, const psa::KeyType& type,
                                              std::uint32_t bits) noexcept {
  switch (mac.kind) {
    case psa::Mac::Kind::Cmac: return cmac_mechanism(type.kind, bits);
    case psa::Mac::Kind::CbcMac: return mechanism_of(psa::Cipher::CbcNoPadding, type, bits);
    case psa::Mac::Kind::Hmac: break;
  }
  if (type.kind != psa::KeyType::Kind::Hmac || !mac.hash) return std::nullopt;
  return known(row_of(*mac.hash).hmac);
}

CK_MECHANISM_TYPE des_generation(std::uint32_t bits) noexcept {
  if (bits == kSingleDes) return CKM_DES_KEY_GEN;
  return bits == kDoubleDes ? CKM_DES2_KEY_GEN : CKM_DES3_KEY_GEN;
}

std::vector<CK_MECHANISM_TYPE> allowed_mechanisms(const psa::KeyAttributes& key) {
  auto mechanism = std::visit(AllowedBy{key}, key.algorithm);
  if (!mechanism) return {};
  return {*mechanism};
}

Result<Bytes> digest_info(psa::Hash hash, ByteView digest) {
  std::array<unsigned char, 32> oid{};
  int size = i2d_ASN1_OBJECT(OBJ_nid2obj(row_of(hash).nid), nullptr);
  if (size <= 0 || static_cast<std::size_t>(size) > oid.size())
    return fail(Status::PsaErrorNotSupported,
                fmt::format("'{}' has no name in ASN.1", to_string(hash)));
  unsigned char* end = oid.data();
  i2d_ASN1_OBJECT(OBJ_nid2obj(row_of(hash).nid), &end);
  Bytes algorithm = copy_of(std::as_bytes(std::span(oid)).first(static_cast<std::size_t>(size)));
  algorithm.insert(algorithm.end(), {std::byte{5}, std::byte{0}});  // NULL
  Bytes content;
  append_element(content, kSequence, algorithm);
  append_element(content, kOctetString, digest);
  Bytes info;
  append_element(info, kSequence, content);
  return info;
}

}  // namespace strongroom::pkcs11
