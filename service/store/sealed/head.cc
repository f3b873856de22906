#include "service/store/sealed/head.h"

#include <algorithm>

#include "service/store/sealed/fields.h"

namespace strongroom {
namespace {

constexpr std::uint8_t kFormat = 3;
constexpr std::uint8_t kFormatWithoutEpoch = 2;
constexpr std::size_t kHeadSize = 1 + 5 * 8 + MultisetHash::kSize;

Head decode(FieldReader& in) {
  Head head;
  const std::uint8_t format = in.u8();
  if (format != kFormat && format != kFormatWithoutEpoch) in.fail();
  head.generation = in.u64();
  head.records = in.u64();
  head.unreadable = in.u64();
  head.last_serial = in.u64();
  if (format == kFormat) head.epoch = in.u64();
  MultisetHash::Octets sum{};
  std::ranges::copy(in.raw(sum.size()), sum.begin());
  head.rows = MultisetHash(sum);
  return head;
}

}  // namespace

void MultisetHash::add(const Sealer::Mac& element) noexcept {
  unsigned carry = 0;
  for (std::size_t i = kSize; i-- > 0;) {
    carry += std::to_integer<unsigned>(sum_[i]) + std::to_integer<unsigned>(element[i]);
    sum_[i] = static_cast<std::byte>(carry);
    carry >>= 8;
  }
}

void MultisetHash::remove(const Sealer::Mac& element) noexcept {
  unsigned borrow = 0;
  for (std::size_t i = kSize; i-- > 0;) {
    unsigned difference = std::to_integer<unsigned>(sum_[i]) + 0x100U -
                          std::to_integer<unsigned>(element[i]) - borrow;
    sum_[i] = static_cast<std::byte>(difference);
    borrow = difference < 0x100U ? 1 : 0;
  }
}

Result<Bytes> seal_head(const Sealer& sealer, const Head& head) {
  std::array<std::byte, kHeadSize> plaintext{};
  FieldWriter out(plaintext);
  out.u8(kFormat);
  out.u64(head.generation);
  out.u64(head.records);
  out.u64(head.unreadable);
  out.u64(head.last_serial);
  out.u64(head.epoch);
  out.raw(head.rows.octets());
  Sealed sealed = TRY(sealer.seal(SealedKind::Head, {}, plaintext));
  Bytes stored = std::move(sealed.salt);
  stored.insert(stored.end(), sealed.sealed.begin(), sealed.sealed.end());
  return stored;
}

Result<Head> unseal_head(const Sealer& sealer, ByteView stored) {
  if (stored.size() < Sealer::kSaltSize)
    return fail(Status::PsaErrorDataCorrupt, "head: too short");
  SecretBuffer plaintext =
      TRY(in_context(sealer.unseal(SealedKind::Head, {}, stored.first(Sealer::kSaltSize),
                                   stored.subspan(Sealer::kSaltSize)),
                     "head"));
  FieldReader in(plaintext.reveal());
  Head head = decode(in);
  if (!in.is_complete()) return fail(Status::PsaErrorDataCorrupt, "head: malformed");
  return head;
}

}  // namespace strongroom
