#pragma once

#include "providers/facets.h"
#include "providers/pkcs11/facets/access.h"
#include "providers/pkcs11/objects/key_templates.h"

namespace strongroom::pkcs11 {

// Keys that live in the token; records keep the id of their objects. Public keys, which are the
// record's alone, are nothing that it is asked for: PsaErrorNotSupported.
class TokenKeyManager final : public KeyManager {
 public:
  explicit TokenKeyManager(Access& access) noexcept : access_(access) {}

  Result<NewKey> generate(const psa::KeyAttributes& attributes, std::stop_token stop,
                          SecretBuffer material) override;
  Result<NewKey> import(const psa::KeyAttributes& attributes, ByteView data,
                        SecretBuffer material) override;
  // PsaErrorNotPermitted for keys that were not made to be exported.
  Result<SecretBuffer> export_key(const KeyRecord& key) override;
  // Fails while the token is away.
  Result<> destroy(const KeyRecord& key) override;
  // TokenBackend::destroy_seen().
  Result<bool> destroy_seen(const KeyRecord& key);

  Result<SecretBuffer> new_material() const override { return pkcs11::new_material(); }

  // A key that others have made in the token, as it stands there: nothing in the token changes.
  // destroy() ends its objects all the same, by what they are; those of a public key stay.
  // PsaErrorDoesNotExist when there is none of that id, PsaErrorDataCorrupt for another key or
  // several, PsaErrorNotSupported for a type that is not served.
  Result<NewKey> take_over(const ObjectId& id, const psa::KeyAttributes& attributes);

 private:
  Result<> check_new(const psa::KeyAttributes& attributes);
  // Makes nothing of it when the token has made what is no key.
  Result<> check_generated(const ObjectId& id, const psa::KeyAttributes& attributes,
                           const Bytes& public_key);

  Access& access_;
};

}  // namespace strongroom::pkcs11
