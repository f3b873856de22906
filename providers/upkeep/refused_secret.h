// A password or PIN that must not be tried again, remembered without being kept.
#pragma once

#include <array>
#include <optional>

#include "base/secret_buffer.h"

namespace strongroom {

// HMAC-SHA-256 of the secret under a key of its own, which is kept beside it: to be stored where
// nobody reads it, as a short secret can be guessed from it.
class RefusedSecret {
 public:
  static Result<RefusedSecret> of(ByteView secret);
  bool is(ByteView secret) const;

  // 32 bytes of key, 32 of HMAC; nullopt for other sizes.
  Result<SecretBuffer> to_stored() const;
  static std::optional<RefusedSecret> from_stored(ByteView stored);

  bool operator==(const RefusedSecret&) const = default;

 private:
  static constexpr std::size_t kDigestSize = 32;
  using Digest = std::array<std::byte, kDigestSize>;

  Result<Digest> code_of(ByteView secret) const;

  Digest key_{};
  Digest code_{};
};

}  // namespace strongroom
