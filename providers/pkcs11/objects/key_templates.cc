#include "providers/pkcs11/objects/key_templates.h"

#include "providers/pkcs11/objects/curves.h"

namespace strongroom::pkcs11 {
namespace {

bool signs(const psa::UsageFlags& usage) noexcept {
  return usage.sign_hash || usage.sign_message;
}

bool can_sign(const psa::KeyType& type) noexcept {
  return type.is_rsa() || (type.is_ecc() && !is_montgomery(type));
}

bool is_block_cipher(const psa::KeyType& type) noexcept {
  return type.kind == psa::KeyType::Kind::Aes || type.kind == psa::KeyType::Kind::Des;
}

CK_KEY_TYPE des_type(std::uint32_t bits) noexcept {
  if (bits == 64) return CKK_DES;
  return bits == 128 ? CKK_DES2 : CKK_DES3;
}

// Its last block is made by encryption.
bool is_cbc_mac(const psa::Algorithm& algorithm) noexcept {
  const auto* mac = std::get_if<psa::Mac>(&algorithm);
  return mac != nullptr && mac->kind == psa::Mac::Kind::CbcMac;
}

}  // namespace

CK_KEY_TYPE key_type_of(const psa::KeyAttributes& key, Quirks quirks) noexcept {
  if (key.type.is_rsa()) return CKK_RSA;
  if (key.type.is_ecc()) {
    auto curve = token_curve_of(key.type, key.bits, quirks);
    return curve ? curve->key_type : CKK_EC;
  }
  switch (key.type.kind) {
    case psa::KeyType::Kind::Aes: return CKK_AES;
    case psa::KeyType::Kind::Des: return des_type(key.bits);
    case psa::KeyType::Kind::DhKeyPair: return CKK_DH;
    default: return CKK_GENERIC_SECRET;
  }
}

Template KeyTemplates::begin(CK_OBJECT_CLASS object_class) const {
  Template object;
  object.add(CKA_CLASS, object_class)
      .add(CKA_KEY_TYPE, key_type_of(attributes_, terms_.quirks))
      .add(CKA_ID, ByteView(id_))
      .add(CKA_LABEL, view_of(terms_.label));
  return object;
}

void KeyTemplates::add_protection(Template& key) const {
  const bool may_export = attributes_.usage.may_export;
  key.add(CKA_TOKEN, true)
      .add(CKA_PRIVATE, true)
      .add(CKA_SENSITIVE, !may_export)
      .add(CKA_EXTRACTABLE, may_export);
  if (!terms_.mechanisms.empty())
    key.add(CKA_ALLOWED_MECHANISMS, std::as_bytes(std::span(terms_.mechanisms)));
}

Template KeyTemplates::private_half() const {
  const psa::UsageFlags& usage = attributes_.usage;
  Template key = begin(CKO_PRIVATE_KEY);
  add_protection(key);
  if (can_sign(attributes_.type)) key.add(CKA_SIGN, signs(usage));
  if (attributes_.type.is_rsa())
    key.add(CKA_DECRYPT, usage.decrypt).add(CKA_UNWRAP, false).add(CKA_SIGN_RECOVER, false);
  else
    key.add(CKA_DERIVE, usage.derive && !is_edwards(attributes_.type));
  if (terms_.always_authenticate) key.add(CKA_ALWAYS_AUTHENTICATE, true);
  return key;
}

Template KeyTemplates::public_half() const {
  Template key = begin(CKO_PUBLIC_KEY);
  key.add(CKA_TOKEN, !terms_.quirks.has(Quirk::NoPublicObjects)).add(CKA_PRIVATE, false);
  if (can_sign(attributes_.type)) key.add(CKA_VERIFY, signs(attributes_.usage));
  if (attributes_.type.is_rsa()) key.add(CKA_ENCRYPT, attributes_.usage.decrypt);
  return key;
}

// A MAC is verified by computing it.
Template KeyTemplates::secret_key() const {
  const psa::UsageFlags& usage = attributes_.usage;
  Template key = begin(CKO_SECRET_KEY);
  add_protection(key);
  const bool is_to_be_used = attributes_.type.kind != psa::KeyType::Kind::RawData;
  const bool makes_macs = signs(usage) || usage.verify_message;
  key.add(CKA_SIGN, is_to_be_used && makes_macs);
  if (is_block_cipher(attributes_.type))
    key.add(CKA_ENCRYPT, usage.encrypt || (makes_macs && is_cbc_mac(attributes_.algorithm)))
        .add(CKA_DECRYPT, usage.decrypt)
        .add(CKA_WRAP, false)
        .add(CKA_UNWRAP, false);
  return key;
}

}  // namespace strongroom::pkcs11
