#include "providers/pkcs11/objects/key_templates.h"

#include "providers/pkcs11/objects/curves.h"

namespace strongroom::pkcs11 {
namespace {

bool signs(const psa::UsageFlags& usage) noexcept {
  return usage.sign_hash || usage.sign_message;
}

}  // namespace

CK_KEY_TYPE key_type_of(const psa::KeyType& type) noexcept {
  if (type.is_rsa()) return CKK_RSA;
  if (type.is_ecc()) return is_edwards(type) ? CKK_EC_EDWARDS : CKK_EC;
  return type.kind == psa::KeyType::Kind::Aes ? CKK_AES : CKK_GENERIC_SECRET;
}

Template KeyTemplates::begin(CK_OBJECT_CLASS object_class) const {
  Template object;
  object.add(CKA_CLASS, object_class)
      .add(CKA_KEY_TYPE, key_type_of(attributes_.type))
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
  key.add(CKA_SIGN, signs(usage));
  if (attributes_.type.is_rsa())
    key.add(CKA_DECRYPT, usage.decrypt).add(CKA_UNWRAP, false).add(CKA_SIGN_RECOVER, false);
  else
    key.add(CKA_DERIVE, usage.derive && !is_edwards(attributes_.type));
  if (terms_.asks_each_time) key.add(CKA_ALWAYS_AUTHENTICATE, true);
  return key;
}

Template KeyTemplates::public_half() const {
  Template key = begin(CKO_PUBLIC_KEY);
  key.add(CKA_TOKEN, terms_.keeps_public_half)
      .add(CKA_PRIVATE, false)
      .add(CKA_VERIFY, signs(attributes_.usage));
  if (attributes_.type.is_rsa()) key.add(CKA_ENCRYPT, attributes_.usage.decrypt);
  return key;
}

// A MAC is verified by computing it.
Template KeyTemplates::secret_key() const {
  const psa::UsageFlags& usage = attributes_.usage;
  Template key = begin(CKO_SECRET_KEY);
  add_protection(key);
  const bool is_to_be_used = attributes_.type.kind != psa::KeyType::Kind::RawData;
  key.add(CKA_SIGN, is_to_be_used && (signs(usage) || usage.verify_message));
  if (attributes_.type.kind == psa::KeyType::Kind::Aes)
    key.add(CKA_ENCRYPT, usage.encrypt)
        .add(CKA_DECRYPT, usage.decrypt)
        .add(CKA_WRAP, false)
        .add(CKA_UNWRAP, false);
  return key;
}

}  // namespace strongroom::pkcs11
