#include "providers/upkeep/refused_secret.h"

#include <algorithm>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace strongroom {

Result<RefusedSecret> RefusedSecret::of(ByteView secret) {
  auto key = TRY(SecretBuffer::random(kDigestSize));
  RefusedSecret refused;
  std::ranges::copy(key.reveal(), refused.key_.begin());
  refused.code_ = TRY(refused.code_of(secret));
  return refused;
}

Result<RefusedSecret::Digest> RefusedSecret::code_of(ByteView secret) const {
  Digest code{};
  unsigned size = kDigestSize;
  const auto* made = HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), octets(secret),
                          secret.size(), octets(MutableByteView(code)), &size);
  if (made == nullptr) return fail(Status::PsaErrorGenericError, "HMAC of a refused secret");
  return code;
}

bool RefusedSecret::is(ByteView secret) const {
  auto code = code_of(secret);
  return code && equal_in_constant_time(*code, code_);
}

Result<SecretBuffer> RefusedSecret::to_stored() const {
  auto stored = TRY(SecretBuffer::of_size(2 * kDigestSize));
  auto rest = std::ranges::copy(key_, stored.reveal_mutable().begin()).out;
  std::ranges::copy(code_, rest);
  return stored;
}

std::optional<RefusedSecret> RefusedSecret::from_stored(ByteView stored) {
  if (stored.size() != 2 * kDigestSize) return std::nullopt;
  RefusedSecret refused;
  std::ranges::copy(stored.first(kDigestSize), refused.key_.begin());
  std::ranges::copy(stored.last(kDigestSize), refused.code_.begin());
  return refused;
}

}  // namespace strongroom
