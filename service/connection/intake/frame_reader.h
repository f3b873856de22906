// Bytes in any fragmentation to one request.
#pragma once

#include <optional>

#include "base/error.h"
#include "protocol/frame.h"
#include "service/connection/intake/arrived_bytes.h"
#include "service/front_end/request_server.h"

namespace strongroom {

// Knows nothing of sockets and time. What has arrived of a header is judged at once: a wrong one
// fails without waiting for its rest.
class FrameReader {
 public:
  FrameReader() = default;
  FrameReader(const FrameReader&) = delete;
  FrameReader& operator=(const FrameReader&) = delete;

  // Takes from the front of `arrived` what belongs to the request; returns how many bytes. Asks
  // `server` to admit its header, fails as that does, and then takes no more.
  Result<std::size_t> take(ByteView arrived, const RequestServer& server);

  bool has_begun() const noexcept { return header_size_ > 0; }
  bool has_header() const noexcept { return header_.has_value(); }
  bool is_complete() const noexcept {
    return header_ && body_.missing() == 0 && auth_.missing() == 0;
  }
  // Bytes of body and auth together; 0 while the header is incomplete.
  std::size_t announced() const noexcept;

  // Bytes to the end of the header; once that is there, to the end of the request.
  std::size_t missing() const noexcept {
    return header_ ? body_.missing() + auth_.missing() : kHeaderSize - header_size_;
  }

  // Of a complete request; afterwards the reader expects the next.
  Request finish();
  // Forgets what has arrived; the reader expects the next.
  void clear() noexcept;

 private:
  Result<std::size_t> take_header(ByteView arrived, const RequestServer& server);

  HeaderBytes header_bytes_{};
  std::size_t header_size_ = 0;  // bytes of it that have arrived
  std::optional<RequestHeader> header_;
  ArrivedBytes body_;
  ArrivedBytes auth_;
};

}  // namespace strongroom
