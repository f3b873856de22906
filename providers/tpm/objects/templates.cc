#include "providers/tpm/objects/templates.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "providers/tpm/objects/commands.h"
#include "providers/tpm/objects/public_keys.h"

namespace strongroom::tpm {
namespace {

constexpr TPMA_OBJECT kStaysInThisTpm = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT;
constexpr TPMA_OBJECT kBoundToThisTpm = kStaysInThisTpm | TPMA_OBJECT_SENSITIVEDATAORIGIN;
constexpr TPMA_OBJECT kUsable = TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA;

TPMT_PUBLIC area_with(TPMA_OBJECT attributes) {
  TPMT_PUBLIC area{};
  area.nameAlg = TPM2_ALG_SHA256;
  area.objectAttributes = attributes;
  return area;
}

TPMT_SYM_DEF_OBJECT aes_128_cfb() {
  TPMT_SYM_DEF_OBJECT symmetric{};
  symmetric.algorithm = TPM2_ALG_AES;
  symmetric.keyBits.aes = 128;
  symmetric.mode.aes = TPM2_ALG_CFB;
  return symmetric;
}

TPMT_SYM_DEF_OBJECT no_symmetric() {
  TPMT_SYM_DEF_OBJECT none{};
  none.algorithm = TPM2_ALG_NULL;
  return none;
}

void set_rsa(TPMT_PUBLIC& area, UINT16 bits, const TPMT_SYM_DEF_OBJECT& symmetric) {
  area.type = TPM2_ALG_RSA;
  area.parameters.rsaDetail.symmetric = symmetric;
  area.parameters.rsaDetail.scheme.scheme = TPM2_ALG_NULL;
  area.parameters.rsaDetail.keyBits = bits;
  area.parameters.rsaDetail.exponent = 0;  // 65537
}

void set_ecc(TPMT_PUBLIC& area, TPM2_ECC_CURVE curve, const TPMT_SYM_DEF_OBJECT& symmetric) {
  area.type = TPM2_ALG_ECC;
  area.parameters.eccDetail.symmetric = symmetric;
  area.parameters.eccDetail.scheme.scheme = TPM2_ALG_NULL;
  area.parameters.eccDetail.curveID = curve;
  area.parameters.eccDetail.kdf.scheme = TPM2_ALG_NULL;
}

void set_aes(TPMT_PUBLIC& area, UINT16 bits) {
  area.type = TPM2_ALG_SYMCIPHER;
  area.parameters.symDetail.sym.algorithm = TPM2_ALG_AES;
  area.parameters.symDetail.sym.keyBits.aes = bits;
  area.parameters.symDetail.sym.mode.aes = TPM2_ALG_NULL;
}

// Without a scheme such a key may also decrypt with XOR, which no command does.
void set_hmac(TPMT_PUBLIC& area) {
  area.type = TPM2_ALG_KEYEDHASH;
  area.parameters.keyedHashDetail.scheme.scheme = TPM2_ALG_NULL;
}

Outcome<TPMT_PUBLIC> key_with(TPMA_OBJECT attributes, const psa::KeyType& type,
                              std::uint32_t bits) {
  TPMT_PUBLIC area = area_with(attributes | TPMA_OBJECT_SIGN_ENCRYPT | TPMA_OBJECT_DECRYPT);
  if (type.kind == psa::KeyType::Kind::Hmac) {
    set_hmac(area);
    return area;
  }
  if (type.kind == psa::KeyType::Kind::Aes && bits <= UINT16_MAX) {
    set_aes(area, static_cast<UINT16>(bits));
    return area;
  }
  TPM2_ECC_CURVE curve = type.is_ecc() ? curve_of(type, bits) : TPM2_ECC_NONE;
  bool is_rsa = type.is_rsa() && bits <= UINT16_MAX;
  if (!is_rsa && curve == TPM2_ECC_NONE)
    return fail(Status::PsaErrorNotSupported,
                fmt::format("a TPM has no key type '{}'", to_string(type, bits)));
  if (is_rsa)
    set_rsa(area, static_cast<UINT16>(bits), no_symmetric());
  else
    set_ecc(area, curve, no_symmetric());
  return area;
}

}  // namespace

TPMT_PUBLIC storage_root(RootType type) {
  TPMT_PUBLIC area =
      area_with(kBoundToThisTpm | kUsable | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT);
  // The guidance has zeros as long as the key where others have nothing.
  if (type == RootType::Rsa2048) {
    set_rsa(area, 2048, aes_128_cfb());
    area.unique.rsa.size = 2048 / 8;
  } else {
    set_ecc(area, TPM2_ECC_NIST_P256, aes_128_cfb());
    area.unique.ecc.x.size = 256 / 8;
    area.unique.ecc.y.size = 256 / 8;
  }
  return area;
}

TPMT_PUBLIC endorsement_key() {
  TPMT_PUBLIC area = area_with(kBoundToThisTpm | TPMA_OBJECT_ADMINWITHPOLICY |
                               TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT);
  // SHA-256 policy of TPM2_PolicySecret(TPM_RH_ENDORSEMENT).
  constexpr std::array<BYTE, 32> kPolicy = {0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8,
                                            0x1a, 0x90, 0xcc, 0x8d, 0x46, 0xa5, 0xd7, 0x24,
                                            0xfd, 0x52, 0xd7, 0x6e, 0x06, 0x52, 0x0b, 0x64,
                                            0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa};
  area.authPolicy.size = kPolicy.size();
  std::ranges::copy(kPolicy, std::begin(area.authPolicy.buffer));
  set_rsa(area, 2048, aes_128_cfb());
  area.unique.rsa.size = 2048 / 8;
  return area;
}

TPMT_PUBLIC attestation_key(RootType type) {
  constexpr std::string_view kWhose = "strongroom attestation key 1";
  TPMT_PUBLIC area =
      area_with(kBoundToThisTpm | kUsable | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_SIGN_ENCRYPT);
  if (type == RootType::Rsa2048) {
    set_rsa(area, 2048, no_symmetric());
    area.parameters.rsaDetail.scheme.scheme = TPM2_ALG_RSASSA;
    area.parameters.rsaDetail.scheme.details.rsassa.hashAlg = TPM2_ALG_SHA256;
    std::ignore = assign(area.unique.rsa, view_of(kWhose));
  } else {
    set_ecc(area, TPM2_ECC_NIST_P256, no_symmetric());
    area.parameters.eccDetail.scheme.scheme = TPM2_ALG_ECDSA;
    area.parameters.eccDetail.scheme.details.ecdsa.hashAlg = TPM2_ALG_SHA256;
    std::ignore = assign(area.unique.ecc.x, view_of(kWhose));
  }
  return area;
}

Outcome<TPMT_PUBLIC> generated_key(const psa::KeyType& type, std::uint32_t bits) {
  return key_with(kBoundToThisTpm | kUsable, type, bits);
}

Outcome<TPMT_PUBLIC> given_key(const psa::KeyType& type, std::uint32_t bits) {
  return key_with(kStaysInThisTpm | kUsable, type, bits);
}

Outcome<TPMT_PUBLIC> imported_key(const psa::KeyType& type, std::uint32_t bits) {
  return key_with(kUsable, type, bits);
}

}  // namespace strongroom::tpm
