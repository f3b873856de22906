#include "providers/software/keys/evp_key.h"

#include "providers/software/key_types.h"
#include "providers/software/keys/dh_key.h"
#include "providers/software/keys/ec_key.h"
#include "providers/software/keys/montgomery_key.h"
#include "providers/software/keys/rsa_key.h"
#include "providers/software/openssl_error.h"

namespace strongroom::software {

Result<Owned<EVP_PKEY>> key_from_parameters(const char* openssl_type, int selection,
                                            OSSL_PARAM* parameters) {
  Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, openssl_type, nullptr));
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1)
    return std::unexpected(openssl_error("EVP_PKEY_fromdata_init"));
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata(context.get(), &key, selection, parameters) != 1)
    return std::unexpected(openssl_refusal("EVP_PKEY_fromdata", Status::PsaErrorInvalidArgument));
  return Owned<EVP_PKEY>(key);
}

Result<Owned<EVP_PKEY>> pair_from_bytes(const char* openssl_type, ByteView secret) {
  Owned<EVP_PKEY> pair(EVP_PKEY_new_raw_private_key_ex(nullptr, openssl_type, nullptr,
                                                       octets(secret), secret.size()));
  if (pair) return pair;
  return std::unexpected(openssl_error("EVP_PKEY_new_raw_private_key_ex"));
}

Result<Owned<EVP_PKEY>> public_key_from_bytes(const char* openssl_type, ByteView encoded) {
  Owned<EVP_PKEY> key(EVP_PKEY_new_raw_public_key_ex(nullptr, openssl_type, nullptr,
                                                     octets(encoded), encoded.size()));
  if (key) return key;
  return std::unexpected(openssl_error("EVP_PKEY_new_raw_public_key_ex"));
}

Result<Bytes> public_bytes_of(const EVP_PKEY* pair, std::size_t size) {
  Bytes encoded(size);
  if (EVP_PKEY_get_raw_public_key(pair, octets(MutableByteView(encoded)), &size) == 1 &&
      size == encoded.size())
    return encoded;
  return std::unexpected(openssl_error("EVP_PKEY_get_raw_public_key"));
}

Result<Owned<EVP_PKEY_CTX>> context_for(EVP_PKEY* key) {
  Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  if (!context) return std::unexpected(openssl_error("EVP_PKEY_CTX_new_from_pkey"));
  return context;
}

Result<Owned<EVP_PKEY_CTX>> duplicate_of(const EVP_PKEY_CTX& prepared) {
  Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_dup(&prepared));
  if (!context) return std::unexpected(openssl_error("EVP_PKEY_CTX_dup"));
  return context;
}

Result<Owned<EVP_PKEY>> generated_in_group(const char* openssl_type, const char* group) {
  Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, openssl_type, nullptr));
  if (!context || EVP_PKEY_keygen_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_group_name(context.get(), group) != 1)
    return std::unexpected(openssl_error("EVP_PKEY_keygen_init"));
  EVP_PKEY* pair = nullptr;
  if (EVP_PKEY_generate(context.get(), &pair) != 1)
    return std::unexpected(openssl_error("EVP_PKEY_generate"));
  return Owned<EVP_PKEY>(pair);
}

Result<> check_public_key(EVP_PKEY* key) {
  auto context = TRY(context_for(key));
  if (EVP_PKEY_public_check(context.get()) == 1) return {};
  return std::unexpected(openssl_refusal("EVP_PKEY_public_check", Status::PsaErrorInvalidArgument));
}

Result<Owned<EVP_PKEY>> key_of_record(const KeyRecord& record) {
  const psa::KeyAttributes& attributes = record.attributes;
  const psa::KeyType& type = attributes.type;
  ByteView secret = record.material.reveal();
  if (type.kind == psa::KeyType::Kind::RsaKeyPair) return rsa_pair(secret);
  if (type.kind == psa::KeyType::Kind::RsaPublicKey) return rsa_public_key(record.public_key);
  if (type.kind == psa::KeyType::Kind::DhKeyPair)
    return dh_pair(attributes.bits, secret, record.public_key);
  if (const MontgomeryCurve* curve = montgomery_curve_of(type, attributes.bits))
    return montgomery_pair(*curve, secret);
  if (const EdwardsCurve* curve = edwards_curve_of(type, attributes.bits))
    return type.is_public_key() ? public_key_from_bytes(curve->openssl_name, record.public_key)
                                : pair_from_bytes(curve->openssl_name, secret);
  const Curve* curve = curve_of(type, attributes.bits);
  if (curve == nullptr) return key_not_offered(type, attributes.bits);
  if (type.is_public_key()) return ec_public_key(*curve, record.public_key);
  return ec_pair(*curve, secret, record.public_key);
}

}  // namespace strongroom::software
