// Calls of Cryptoki as functions with results. No answer is believed to be as long as it says
// beyond the room that was given: PsaErrorCommunicationFailure.
#pragma once

#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/secret_buffer.h"
#include "providers/pkcs11/objects/template.h"
#include "providers/pkcs11/token/session.h"

namespace strongroom::pkcs11 {

// A key as operations use it.
struct KeyObject {
  CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
  // CKA_ALWAYS_AUTHENTICATE.
  bool always_authenticate = false;
  // Whether its private half has been found to go with the recorded public key.
  bool is_proven = false;
};

// A mechanism with its parameter, which is the caller's and outlives it.
template <typename Parameter>
CK_MECHANISM mechanism_with(CK_MECHANISM_TYPE type, Parameter& parameter) noexcept {
  return {type, &parameter, sizeof parameter};
}
CK_MECHANISM mechanism_with_iv(CK_MECHANISM_TYPE type, MutableByteView iv) noexcept;

// At most `most` bytes come back.
Outcome<Bytes> sign(Session& session, const KeyObject& key, CK_MECHANISM mechanism, ByteView data,
                    std::size_t most);
Outcome<Bytes> encrypt(Session& session, const KeyObject& key, CK_MECHANISM mechanism,
                       ByteView plaintext, std::size_t most);
Outcome<SecretBuffer> decrypt(Session& session, const KeyObject& key, CK_MECHANISM mechanism,
                              ByteView ciphertext, std::size_t most);

// All that match; PsaErrorCommunicationFailure for more than `most`.
Outcome<std::vector<CK_OBJECT_HANDLE>> find_objects(Session& session, Template& wanted,
                                                    std::size_t most = 16);

// Empty when the object has no such attribute or does not show it. At most `most` bytes.
Outcome<std::optional<Bytes>> attribute(Session& session, CK_OBJECT_HANDLE object,
                                        CK_ATTRIBUTE_TYPE type, std::size_t most);
Outcome<std::optional<CK_ULONG>> number_attribute(Session& session, CK_OBJECT_HANDLE object,
                                                  CK_ATTRIBUTE_TYPE type);
Outcome<std::optional<bool>> truth_attribute(Session& session, CK_OBJECT_HANDLE object,
                                             CK_ATTRIBUTE_TYPE type);
// PsaErrorNotPermitted when the token keeps it to itself.
Outcome<SecretBuffer> secret_attribute(Session& session, CK_OBJECT_HANDLE object,
                                       CK_ATTRIBUTE_TYPE type, std::size_t most);

Outcome<CK_OBJECT_HANDLE> create_object(Session& session, Template& object);
Outcome<> destroy_object(Session& session, CK_OBJECT_HANDLE object);

// An object of the session, which goes with its owner: a release that fails says so in the log.
class SessionObject {
 public:
  SessionObject(Session& session, CK_OBJECT_HANDLE handle) noexcept
      : session_(session), handle_(handle) {}
  ~SessionObject();
  SessionObject(const SessionObject&) = delete;
  SessionObject& operator=(const SessionObject&) = delete;
  CK_OBJECT_HANDLE handle() const noexcept { return handle_; }

 private:
  Session& session_;
  CK_OBJECT_HANDLE handle_;
};

}  // namespace strongroom::pkcs11
