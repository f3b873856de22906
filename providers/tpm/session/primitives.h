// What sessions compute with: SHA-256, HMAC over it, AES-128 in CFB mode, and the two key
// derivation functions of TPM 2.0 r1.59 Part 1 §11.4.10. Every TPM of the PC Client profile has
// these, so that no others are needed.
#pragma once

#include <array>
#include <initializer_list>
#include <string_view>

#include "base/bytes.h"
#include "base/secret_buffer.h"
#include "providers/software/openssl_handles.h"

namespace strongroom::tpm {

inline constexpr std::size_t kDigestSize = 32;
using Digest = std::array<std::byte, kDigestSize>;

inline constexpr std::size_t kAesKeySize = 16;
inline constexpr std::size_t kAesBlockSize = 16;

// Fetched once: ESYS 3.2 spends ten times as long on fetching as a TPM on a signature. Immutable
// after load(), for any thread.
class Primitives {
 public:
  static Result<Primitives> load();

  // Over the parts, one after the other.
  Result<Digest> sha256(std::initializer_list<ByteView> parts) const;
  // `key` may be empty.
  Result<Digest> hmac_sha256(ByteView key, std::initializer_list<ByteView> parts) const;

  enum class Direction { Encrypt, Decrypt };
  // In place; `key_and_iv` is the one and then the other.
  Result<> aes_128_cfb(Direction direction, ByteView key_and_iv, MutableByteView data) const;

  // KDFa: SP 800-108 in counter mode. `label` without its NUL, which is added.
  Result<SecretBuffer> kdf_a(ByteView key, std::string_view label, ByteView context_u,
                             ByteView context_v, std::size_t bytes) const;
  // KDFe: SP 800-56A's concatenation, for a shared secret `z`.
  Result<SecretBuffer> kdf_e(ByteView z, std::string_view label, ByteView party_u, ByteView party_v,
                             std::size_t bytes) const;

 private:
  Primitives() = default;
  // As their namesakes, into as many bytes as a digest has.
  Result<> write_sha256(std::initializer_list<ByteView> parts, MutableByteView out) const;
  Result<> write_hmac_sha256(ByteView key, std::initializer_list<ByteView> parts,
                             MutableByteView out) const;

  software::Owned<EVP_MD> sha256_;
  software::Owned<EVP_CIPHER> aes_;
  software::Owned<EVP_MAC_CTX> hmac_;  // with its digest, without a key: duplicated for each use
};

}  // namespace strongroom::tpm
