#include "protocol/frame.h"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>

#include <fmt/format.h>

namespace strongroom {
namespace {

// Where each field begins.
constexpr std::size_t kMagicAt = 0;
constexpr std::size_t kSizeAt = 4;
constexpr std::size_t kVersionMajorAt = 6;
constexpr std::size_t kVersionMinorAt = 7;
constexpr std::size_t kFlagsAt = 8;
constexpr std::size_t kProviderAt = 10;
constexpr std::size_t kSessionAt = 11;
constexpr std::size_t kContentTypeAt = 19;
constexpr std::size_t kAcceptTypeAt = 20;
constexpr std::size_t kAuthTypeAt = 21;
constexpr std::size_t kBodySizeAt = 22;
constexpr std::size_t kAuthSizeAt = 26;
constexpr std::size_t kOpcodeAt = 28;
constexpr std::size_t kStatusAt = 32;
constexpr std::size_t kReservedAt = 34;  // two fields of one byte each
static_assert(kHeaderSize == kVersionMajorAt + kHeaderSizeField);

template <std::unsigned_integral T>
T load(ByteView header, std::size_t offset) noexcept {
  T value = 0;
  for (std::size_t i = sizeof(T); i-- > 0;)
    value = static_cast<T>((std::uint64_t{value} << 8) | std::to_integer<T>(header[offset + i]));
  return value;
}

template <std::unsigned_integral T>
void store(HeaderBytes& header, std::size_t offset, T value) noexcept {
  for (std::size_t i = 0; i < sizeof(T); ++i)
    header[offset + i] = static_cast<std::byte>(value >> (8 * i));
}

template <std::unsigned_integral T>
Result<> expect(ByteView header, std::size_t offset, T wanted, std::string_view field,
                Status status = Status::InvalidHeader) {
  T found = load<T>(header, offset);
  if (found == wanted) return {};
  return fail(status, fmt::format("decoding header: {} is {:#x}, not {:#x}", field, found, wanted));
}

// Steps 1 to 5 of the validation order. False: nothing wrong so far, but not complete either. The
// header size is judged before its many bytes are there, because no number of them mends it; the
// version, once the header is complete: a header cut short is a failure to read, whatever it says.
Result<bool> judge(ByteView arrived) {
  if (arrived.size() < kSizeAt) return false;
  TRY(expect(arrived, kMagicAt, kMagic, "magic number"));
  if (arrived.size() < kVersionMajorAt) return false;
  TRY(expect(arrived, kSizeAt, kHeaderSizeField, "header size"));
  if (arrived.size() < kHeaderSize) return false;
  TRY(expect(arrived, kVersionMajorAt, kVersionMajor, "major version",
             Status::WireProtocolVersionNotSupported));
  TRY(expect(arrived, kVersionMinorAt, kVersionMinor, "minor version",
             Status::WireProtocolVersionNotSupported));
  TRY(expect(arrived, kReservedAt, std::uint16_t{0}, "reserved field"));
  return true;
}

// What requests and responses begin with; every other byte is zero.
HeaderBytes empty_header() noexcept {
  HeaderBytes header{};
  store(header, kMagicAt, kMagic);
  store(header, kSizeAt, kHeaderSizeField);
  store(header, kVersionMajorAt, kVersionMajor);
  store(header, kVersionMinorAt, kVersionMinor);
  return header;
}

}  // namespace

Result<std::optional<RequestHeader>> decode_request_header(ByteView arrived) {
  bool is_complete = TRY(judge(arrived));
  if (!is_complete) return std::nullopt;
  return RequestHeader{
      .flags = load<std::uint16_t>(arrived, kFlagsAt),
      .provider = load<std::uint8_t>(arrived, kProviderAt),
      .session = load<std::uint64_t>(arrived, kSessionAt),
      .content_type = load<std::uint8_t>(arrived, kContentTypeAt),
      .accept_type = load<std::uint8_t>(arrived, kAcceptTypeAt),
      .auth_type = load<std::uint8_t>(arrived, kAuthTypeAt),
      .body_size = load<std::uint32_t>(arrived, kBodySizeAt),
      .auth_size = load<std::uint16_t>(arrived, kAuthSizeAt),
      .opcode = load<std::uint32_t>(arrived, kOpcodeAt),
  };
}

Result<ResponseHeader> decode_response_header(std::span<const std::byte, kHeaderSize> header) {
  std::ignore = TRY(judge(header));  // complete by its type
  TRY(expect(header, kFlagsAt, std::uint16_t{0}, "flags field of a response"));
  TRY(expect(header, kAcceptTypeAt, std::uint8_t{0}, "accept type of a response"));
  TRY(expect(header, kAuthTypeAt, std::uint8_t{0}, "auth type of a response"));
  TRY(expect(header, kAuthSizeAt, std::uint16_t{0}, "auth size of a response"));
  return ResponseHeader{
      .provider = load<std::uint8_t>(header, kProviderAt),
      .session = load<std::uint64_t>(header, kSessionAt),
      .content_type = load<std::uint8_t>(header, kContentTypeAt),
      .body_size = load<std::uint32_t>(header, kBodySizeAt),
      .opcode = load<std::uint32_t>(header, kOpcodeAt),
      .status = load<std::uint16_t>(header, kStatusAt),
  };
}

HeaderBytes encode(const RequestHeader& request) noexcept {
  HeaderBytes header = empty_header();
  store(header, kFlagsAt, request.flags);
  store(header, kProviderAt, request.provider);
  store(header, kSessionAt, request.session);
  store(header, kContentTypeAt, request.content_type);
  store(header, kAcceptTypeAt, request.accept_type);
  store(header, kAuthTypeAt, request.auth_type);
  store(header, kBodySizeAt, request.body_size);
  store(header, kAuthSizeAt, request.auth_size);
  store(header, kOpcodeAt, request.opcode);
  return header;
}

HeaderBytes encode(const ResponseHeader& response) noexcept {
  HeaderBytes header = empty_header();
  store(header, kProviderAt, response.provider);
  store(header, kSessionAt, response.session);
  store(header, kContentTypeAt, response.content_type);
  store(header, kBodySizeAt, response.body_size);
  store(header, kOpcodeAt, response.opcode);
  store(header, kStatusAt, response.status);
  return header;
}

}  // namespace strongroom
