// What a new key's objects are told to be.
#pragma once

#include <string>
#include <vector>

#include "base/psa.h"
#include "providers/pkcs11/objects/key_material.h"
#include "providers/pkcs11/objects/template.h"
#include "providers/pkcs11/token/quirks.h"

namespace strongroom::pkcs11 {

// The templates of one key's objects, from its policy: what the policy above does not permit, the
// token does not either. They refer to this, which outlives them. Values (sizes, numbers, scalars)
// are the caller's to add.
class KeyTemplates {
 public:
  struct Terms {
    std::string label;
    bool always_authenticate = false;
    // CKA_ALLOWED_MECHANISMS; none for no restriction.
    std::vector<CK_MECHANISM_TYPE> mechanisms;
    Quirks quirks;
  };

  KeyTemplates(const psa::KeyAttributes& attributes, const ObjectId& id, Terms terms)
      : attributes_(attributes), id_(id), terms_(std::move(terms)) {}
  KeyTemplates(const KeyTemplates&) = delete;
  KeyTemplates& operator=(const KeyTemplates&) = delete;

  // Not sensitive and extractable when usage.may_export is set, else sensitive for good.
  Template private_half() const;
  Template public_half() const;
  Template secret_key() const;

 private:
  Template begin(CK_OBJECT_CLASS object_class) const;
  void add_protection(Template& key) const;

  psa::KeyAttributes attributes_;
  ObjectId id_;
  Terms terms_;
};

CK_KEY_TYPE key_type_of(const psa::KeyAttributes& key, Quirks quirks) noexcept;

}  // namespace strongroom::pkcs11
