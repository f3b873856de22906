#include "service/migration/bincode.h"

#include <ranges>

namespace strongroom::parsec {
namespace {

std::unexpected<Error> corrupt(std::string text) {
  return fail(Status::PsaErrorDataCorrupt, std::move(text));
}

}  // namespace

Result<ByteView> BincodeReader::take(std::uint64_t size) {
  if (size > rest_.size())
    return corrupt(
        fmt::format("it is cut short, or not of Parsec's: {} bytes are wanted where {} are "
                    "left",
                    size, rest_.size()));
  ByteView taken = rest_.first(static_cast<std::size_t>(size));
  rest_ = rest_.subspan(taken.size());
  return taken;
}

Result<std::uint64_t> BincodeReader::number(std::size_t size) {
  ByteView bytes = TRY(take(size));
  std::uint64_t value = 0;
  for (std::byte each : std::views::reverse(bytes))
    value = value << 8 | std::to_integer<std::uint64_t>(each);
  return value;
}

Result<std::uint32_t> BincodeReader::u32() {
  std::uint64_t value = TRY(number(sizeof(std::uint32_t)));
  return static_cast<std::uint32_t>(value);
}

Result<std::uint64_t> BincodeReader::u64() {
  return number(sizeof(std::uint64_t));
}

Result<bool> BincodeReader::truth() {
  std::uint64_t value = TRY(number(1));
  if (value > 1) return corrupt(fmt::format("{} is neither true nor false", value));
  return value == 1;
}

Result<std::uint32_t> BincodeReader::variant(std::uint32_t count) {
  std::uint32_t value = TRY(u32());
  if (value >= count) return corrupt(fmt::format("{} is none of {} variants", value, count));
  return value;
}

Result<ByteView> BincodeReader::bytes() {
  std::uint64_t size = TRY(u64());
  return take(size);
}

Result<> BincodeReader::end() const {
  if (rest_.empty()) return {};
  return corrupt(fmt::format("{} bytes too many", rest_.size()));
}

}  // namespace strongroom::parsec
