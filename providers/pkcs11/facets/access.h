// What the facets of the provider share: the way to the token, and the software that does what
// needs no secret.
#pragma once

#include <memory>
#include <string>

#include "providers/pkcs11/mechanisms/capabilities.h"
#include "providers/pkcs11/objects/key_objects.h"
#include "providers/pkcs11/token/token.h"
#include "providers/software/software_provider.h"

namespace strongroom::pkcs11 {

// For any thread: what decides about new keys is what it was made with.
class Access {
 public:
  struct Creation {
    // CKA_LABEL of all objects, by which those of this service are told from others.
    std::string label = "strongroom";
    // Whether keys are made that a policy lets be exported; their objects are not sensitive.
    bool allow_export = false;
    // Whether new private keys ask for the PIN each time, CKA_ALWAYS_AUTHENTICATE.
    bool always_authenticate = false;
  };

  Access(Token::Settings token, std::unique_ptr<SoftwareProvider> software, Creation creation)
      : token_(std::move(token)), software_(std::move(software)), creation_(std::move(creation)) {}

  Token& token() noexcept { return token_; }
  Capabilities& capabilities() noexcept { return capabilities_; }
  KeyObjects& objects() noexcept { return objects_; }
  SoftwareProvider& software() noexcept { return *software_; }
  const Creation& creation() const noexcept { return creation_; }

  // Token::run() with the object of a record: `job` takes the session and the key. A handle that is
  // of no object any more is looked for anew, once.
  template <typename T, typename Job>
  Outcome<T> use_key(const KeyRecord& key, Job job) {
    return token_.run([&](Session& session) -> Outcome<T> {
      for (bool is_first = true;; is_first = false) {
        auto object = TRY(objects_.find(session, key));
        Outcome<T> result = job(session, object);
        if (result || !is_of_no_object(result.error().code())) return result;
        objects_.forget(key);
        if (!is_first) return result;
      }
    });
  }

 private:
  Token token_;
  std::unique_ptr<SoftwareProvider> software_;
  Creation creation_;
  Capabilities capabilities_{token_, *software_, creation_.allow_export};
  KeyObjects objects_;
};

// The record of a key's public half, for software to use.
KeyRecord public_half(const KeyRecord& key);

}  // namespace strongroom::pkcs11
