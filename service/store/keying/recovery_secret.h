// A secret on paper that opens a store whose key source is lost.
#pragma once

#include "base/error.h"
#include "base/secret_buffer.h"

namespace strongroom {

// 160 random bits. Written as eight groups of five letters and digits, "9X3KF-…", each with 20 bits
// and a check: base 32 with the alphabet of Crockford, which has no I, L, O and U. Read without
// regard to case, spaces and hyphens, I and L as 1, O as 0.
class RecoverySecret {
 public:
  static constexpr std::size_t kBytes = 20;
  static constexpr std::size_t kGroups = 8;

  static Result<RecoverySecret> generate();
  // PsaErrorInvalidArgument, naming the first group that has a mistake: a letter mistyped, two
  // swapped, or groups out of order. Total, for any bytes.
  static Result<RecoverySecret> parse(ByteView text);

  Result<SecretBuffer> text() const;
  // Input keying material.
  ByteView reveal() const noexcept { return octets_.reveal(); }

 private:
  explicit RecoverySecret(SecretBuffer octets) noexcept : octets_(std::move(octets)) {}
  SecretBuffer octets_;
};

}  // namespace strongroom
