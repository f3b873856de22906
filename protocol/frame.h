// Frames of the Parsec wire protocol 1.0: a fixed header of 36 bytes, integers little-endian, then
// the body, then (requests only) the authentication bytes. Pure functions; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/error.h"
#include "protocol/opcode.h"

namespace strongroom {

inline constexpr std::uint32_t kMagic = 0x5EC0A710;
inline constexpr std::size_t kHeaderSize = 36;
inline constexpr std::uint16_t kHeaderSizeField = 30;  // what follows the size field itself
inline constexpr std::uint8_t kVersionMajor = 1;
inline constexpr std::uint8_t kVersionMinor = 0;
inline constexpr std::uint8_t kContentTypeProtobuf = 0;

// Bits of a request's flags that ask for more than Parsec gives; others are ignored. A response's
// flags are 0.
inline constexpr std::uint16_t kFlagKeep = 0x0001;      // keep the connection after this request
inline constexpr std::uint16_t kFlagExtended = 0x0002;  // list what only extended clients know

// A request's header past steps 1 to 5 of the validation order. Everything else in it is still as
// the client sent it, hence plain integers.
struct RequestHeader {
  std::uint16_t flags = 0;
  std::uint8_t provider = 0;
  std::uint64_t session = 0;
  std::uint8_t content_type = kContentTypeProtobuf;
  std::uint8_t accept_type = kContentTypeProtobuf;
  std::uint8_t auth_type = 0;
  std::uint32_t body_size = 0;
  std::uint16_t auth_size = 0;
  std::uint32_t opcode = 0;
  bool operator==(const RequestHeader&) const = default;
};

// The defaults are the "blank" header, which answers a request whose own header is not to be
// trusted. Flags, accept type, auth type and auth size of a response are always 0.
struct ResponseHeader {
  std::uint8_t provider = 0;
  std::uint64_t session = 0;
  std::uint8_t content_type = kContentTypeProtobuf;
  std::uint32_t body_size = 0;
  std::uint32_t opcode = static_cast<std::uint32_t>(Opcode::Ping);
  std::uint16_t status = 0;  // a number, because a client must be able to read foreign ones
  bool operator==(const ResponseHeader&) const = default;
};

// A request read completely: body and auth have the sizes that the header announced.
struct Request {
  RequestHeader header;
  Bytes body;
  Bytes auth;
};

struct Response {
  ResponseHeader header;
  Bytes body;  // empty when the status is not Success
};

using HeaderBytes = std::array<std::byte, kHeaderSize>;

// Judges as many bytes of a request header as have arrived, so that a wrong magic number or header
// size is answered without waiting for the rest. nullopt: not wrong so far, more bytes are needed.
// Bytes past the header are not looked at. Of several faults the first of this list is told: magic,
// header size (both InvalidHeader), version (WireProtocolVersionNotSupported), reserved bytes
// (InvalidHeader).
Result<std::optional<RequestHeader>> decode_request_header(ByteView arrived);

// The client's half: `header` is complete. Fails as above, and with InvalidHeader for a field of a
// response that must be zero.
Result<ResponseHeader> decode_response_header(std::span<const std::byte, kHeaderSize> header);

HeaderBytes encode(const RequestHeader& header) noexcept;
HeaderBytes encode(const ResponseHeader& header) noexcept;

}  // namespace strongroom
