// Authenticated encryption of what the store writes.
#pragma once

#include <array>
#include <memory>

#include "base/bytes.h"
#include "base/error.h"
#include "base/secret_buffer.h"

namespace strongroom {

// What a sealed text is. A text sealed as one kind never opens as another.
enum class SealedKind { Record, Head, WrappedKey, Counter };

struct Sealed {
  Bytes salt;    // Sealer::kSaltSize random bytes
  Bytes sealed;  // ciphertext ‖ tag of Sealer::kTagSize bytes
};

// Seals under one key. AES-256-GCM (NIST SP 800-38D) whose key and 12-byte IV are the 44 bytes of
// HKDF-SHA-256 (RFC 5869) with
//   IKM  = the sealer's key,
//   salt = 32 bytes drawn anew for each text,
//   info = "strongroom record v1", "strongroom head v1", "strongroom wrapped key v1" or
//          "strongroom counter v1".
// A key and IV pair therefore seals one text, and no counter has to survive a crash or a restored
// backup. Immutable; used by any number of threads.
class Sealer {
 public:
  static constexpr std::size_t kSaltSize = 32;
  static constexpr std::size_t kTagSize = 16;
  static constexpr std::size_t kMacSize = 32;
  using Mac = std::array<std::byte, kMacSize>;

  // Takes a key of 32 bytes or more of full entropy. PsaErrorNotSupported when libcrypto lacks an
  // algorithm.
  static Result<Sealer> with_key(SecretBuffer key);

  Result<Sealed> seal(SealedKind kind, ByteView associated_data, ByteView plaintext) const;
  // PsaErrorDataCorrupt for bytes that this sealer did not seal with this associated data.
  Result<SecretBuffer> unseal(SealedKind kind, ByteView associated_data, ByteView salt,
                              ByteView sealed) const;

  // HKDF with an empty salt: keys for other purposes, one for each `info`.
  Result<SecretBuffer> derive(std::string_view info, std::size_t size) const;
  // HMAC-SHA-256 under derive("strongroom multiset v1", 32).
  Result<Mac> mac(ByteView text) const;
  // The key itself, to be wrapped.
  ByteView reveal_key() const noexcept { return key_.reveal(); }

 private:
  struct Keyed;  // the prepared HMAC
  struct Release {
    void operator()(Keyed* keyed) const noexcept;
  };

  explicit Sealer(SecretBuffer key) noexcept : key_(std::move(key)) {}
  Result<SecretBuffer> expand(ByteView salt, std::string_view info, std::size_t size) const;

  SecretBuffer key_;
  std::unique_ptr<Keyed, Release> keyed_;
};

}  // namespace strongroom
