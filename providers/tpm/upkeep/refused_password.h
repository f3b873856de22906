// A password that must not be tried again, remembered without being kept.
#pragma once

#include <optional>

#include "base/secret_buffer.h"
#include "providers/tpm/session/primitives.h"

namespace strongroom::tpm {

// HMAC-SHA-256 of the password under a key of its own, which is kept beside it: to be stored where
// nobody reads it, as a short password can be guessed from it.
class RefusedPassword {
 public:
  static Result<RefusedPassword> of(const Primitives& primitives, ByteView password);
  bool is(const Primitives& primitives, ByteView password) const;

  // 32 bytes of key, 32 of HMAC; nullopt for other sizes.
  Result<SecretBuffer> to_stored() const;
  static std::optional<RefusedPassword> from_stored(ByteView stored);

  bool operator==(const RefusedPassword&) const = default;

 private:
  Digest key_{};
  Digest code_{};
};

}  // namespace strongroom::tpm
