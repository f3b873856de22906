#include "providers/tpm/foreign/parsec_keys.h"

#include <array>

#include "providers/tpm/objects/public_keys.h"

namespace strongroom::tpm {
namespace {

using Signature = psa::AsymmetricSignature;

constexpr TPMA_OBJECT kMadeThere = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                                   TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH;

std::unexpected<Error> not_made_there() {
  return fail(Status::PsaErrorNotSupported,
              "Parsec's TPM provider makes no keys of that type and policy");
}

TPM2_ALG_ID hash_of(psa::Hash hash) {
  switch (hash) {
    case psa::Hash::Sha1: return TPM2_ALG_SHA1;
    case psa::Hash::Sha256: return TPM2_ALG_SHA256;
    case psa::Hash::Sha384: return TPM2_ALG_SHA384;
    case psa::Hash::Sha512: return TPM2_ALG_SHA512;
    case psa::Hash::Sha3_256: return TPM2_ALG_SHA3_256;
    case psa::Hash::Sha3_384: return TPM2_ALG_SHA3_384;
    case psa::Hash::Sha3_512: return TPM2_ALG_SHA3_512;
    default: return TPM2_ALG_NULL;
  }
}

// Signing keys name their scheme; those that decrypt have none, and may sign, too.
struct Scheme {
  TPM2_ALG_ID scheme = TPM2_ALG_NULL;
  TPM2_ALG_ID hash = TPM2_ALG_NULL;
  TPMA_OBJECT uses = TPMA_OBJECT_SIGN_ENCRYPT;
};

Outcome<Scheme> signing_scheme(const psa::KeyType& type, const Signature& signature) {
  Scheme scheme;
  if (!signature.hash) return not_made_there();
  scheme.hash = hash_of(*signature.hash);
  if (type.is_rsa() && signature.kind == Signature::Kind::RsaPkcs1v15)
    scheme.scheme = TPM2_ALG_RSASSA;
  else if (type.is_rsa() && signature.kind == Signature::Kind::RsaPss)
    scheme.scheme = TPM2_ALG_RSAPSS;
  else if (type.is_ecc() && signature.kind == Signature::Kind::Ecdsa)
    scheme.scheme = TPM2_ALG_ECDSA;
  if (scheme.scheme == TPM2_ALG_NULL || scheme.hash == TPM2_ALG_NULL) return not_made_there();
  return scheme;
}

Outcome<Scheme> scheme_of(const psa::KeyAttributes& attributes) {
  if (const auto* signature = std::get_if<Signature>(&attributes.algorithm))
    return signing_scheme(attributes.type, *signature);
  if (!attributes.type.is_rsa() ||
      !std::holds_alternative<psa::AsymmetricEncryption>(attributes.algorithm))
    return not_made_there();
  Scheme none;
  none.uses |= TPMA_OBJECT_DECRYPT;
  return none;
}

std::unexpected<Error> of_another_size() {
  return fail(Status::PsaErrorDataCorrupt, "its public numbers are of another size");
}

Outcome<> set_rsa(TPMT_PUBLIC& area, const ParsecKey& key, const Scheme& scheme) {
  TPMS_RSA_PARMS& parameters = area.parameters.rsaDetail;
  area.type = TPM2_ALG_RSA;
  parameters.symmetric.algorithm = TPM2_ALG_NULL;
  parameters.scheme.scheme = scheme.scheme;
  parameters.scheme.details.anySig.hashAlg = scheme.hash;
  parameters.keyBits = static_cast<UINT16>(key.attributes.bits);
  parameters.exponent = 0;  // 65537
  if (key.attributes.bits % 8 != 0 || key.modulus.size() != key.attributes.bits / 8 ||
      !assign(area.unique.rsa, key.modulus))
    return of_another_size();
  return {};
}

Outcome<> set_ecc(TPMT_PUBLIC& area, const ParsecKey& key, const Scheme& scheme) {
  TPMS_ECC_PARMS& parameters = area.parameters.eccDetail;
  area.type = TPM2_ALG_ECC;
  parameters.symmetric.algorithm = TPM2_ALG_NULL;
  parameters.scheme.scheme = scheme.scheme;
  parameters.scheme.details.anySig.hashAlg = scheme.hash;
  parameters.curveID = curve_of(key.attributes.type, key.attributes.bits);
  parameters.kdf.scheme = TPM2_ALG_NULL;
  if (parameters.curveID == TPM2_ECC_NONE) return not_made_there();
  const std::size_t size = field_size_of(parameters.curveID);
  if (key.x.size() > size || key.y.size() > size || !assign(area.unique.ecc.x, key.x) ||
      !assign(area.unique.ecc.y, key.y))
    return of_another_size();
  return {};
}

}  // namespace

TPMT_PUBLIC parsec_root(UINT16 cipher_bits) {
  TPMT_PUBLIC area{};
  area.type = TPM2_ALG_RSA;
  area.nameAlg = TPM2_ALG_SHA256;
  area.objectAttributes = kMadeThere | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT;
  TPMS_RSA_PARMS& parameters = area.parameters.rsaDetail;
  parameters.symmetric.algorithm = TPM2_ALG_AES;
  parameters.symmetric.keyBits.aes = cipher_bits;
  parameters.symmetric.mode.aes = TPM2_ALG_CFB;
  parameters.scheme.scheme = TPM2_ALG_NULL;
  parameters.keyBits = 2048;
  parameters.exponent = 0;  // 65537
  return area;
}

Outcome<TPMT_PUBLIC> parsec_area(const ParsecKey& key) {
  Scheme scheme;
  if (!key.attributes.type.is_public_key()) scheme = TRY(scheme_of(key.attributes));
  TPMT_PUBLIC area{};
  area.nameAlg = TPM2_ALG_SHA256;
  area.objectAttributes = kMadeThere | scheme.uses;
  if (key.attributes.type.is_rsa())
    TRY(set_rsa(area, key, scheme));
  else
    TRY(set_ecc(area, key, scheme));
  return area;
}

}  // namespace strongroom::tpm
