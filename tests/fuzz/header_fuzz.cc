// Frame headers from any bytes, arriving one at a time.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>

#include "protocol/frame.h"

namespace strongroom {
namespace {

void require(bool claim) {
  if (!claim) std::abort();
}

// Encoding what was decoded gives the same bytes, but for the status of a request, which is not
// read.
void check_request_round_trip(const RequestHeader& decoded, ByteView header) {
  constexpr std::size_t kStatusAt = 32;
  HeaderBytes encoded = encode(decoded);
  std::copy_n(header.begin() + kStatusAt, 2, encoded.begin() + kStatusAt);
  require(std::ranges::equal(encoded, header));
}

// A judgement does not change when more bytes arrive, and is there when the header is.
void check_request(ByteView bytes) {
  std::optional<Status> refusal;
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    auto header = decode_request_header(bytes.first(size));
    require(!refusal || (!header.has_value() && header.error().status() == *refusal));
    if (!header.has_value()) {
      refusal = header.error().status();
      continue;
    }
    require(header->has_value() == (size >= kHeaderSize));
    if (header->has_value()) check_request_round_trip(**header, bytes.first<kHeaderSize>());
  }
}

void check_response(std::span<const std::byte, kHeaderSize> bytes) {
  auto header = decode_response_header(bytes);
  require(!header.has_value() || std::ranges::equal(encode(*header), bytes));
}

}  // namespace
}  // namespace strongroom

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace strongroom;
  ByteView bytes = std::as_bytes(std::span(data, std::min(size, 2 * kHeaderSize)));
  check_request(bytes);
  if (bytes.size() >= kHeaderSize) check_response(bytes.first<kHeaderSize>());
  return 0;
}
