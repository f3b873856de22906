#include "providers/tpm/upkeep/refused_password.h"

#include <algorithm>

namespace strongroom::tpm {

Result<RefusedPassword> RefusedPassword::of(const Primitives& primitives, ByteView password) {
  auto key = TRY(SecretBuffer::random(kDigestSize));
  RefusedPassword refused;
  std::ranges::copy(key.reveal(), refused.key_.begin());
  refused.code_ = TRY(primitives.hmac_sha256(refused.key_, {password}));
  return refused;
}

bool RefusedPassword::is(const Primitives& primitives, ByteView password) const {
  auto code = primitives.hmac_sha256(key_, {password});
  return code && equal_in_constant_time(*code, code_);
}

Result<SecretBuffer> RefusedPassword::to_stored() const {
  auto stored = TRY(SecretBuffer::of_size(2 * kDigestSize));
  auto rest = std::ranges::copy(key_, stored.reveal_mutable().begin()).out;
  std::ranges::copy(code_, rest);
  return stored;
}

std::optional<RefusedPassword> RefusedPassword::from_stored(ByteView stored) {
  if (stored.size() != 2 * kDigestSize) return std::nullopt;
  RefusedPassword refused;
  std::ranges::copy(stored.first(kDigestSize), refused.key_.begin());
  std::ranges::copy(stored.last(kDigestSize), refused.code_.begin());
  return refused;
}

}  // namespace strongroom::tpm
