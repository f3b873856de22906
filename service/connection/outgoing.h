// One response on its way into a socket.
#pragma once

#include <array>
#include <cstddef>

#include "protocol/frame.h"
#include "service/connection/wiped_bytes.h"

namespace strongroom {

// A response that nobody else has a copy of, wiped on release.
struct OwnedResponse {
  explicit OwnedResponse(Response response) noexcept
      : header(response.header), body(std::move(response.body)) {}
  ResponseHeader header;
  WipedBytes body;
};

class Outgoing {
 public:
  Outgoing() noexcept = default;
  explicit Outgoing(OwnedResponse response) noexcept;

  // As much as the socket takes without waiting. PeerGone: it takes no more, ever.
  enum class Progress { AllSent, Blocked, PeerGone };
  Progress send_to(int socket) noexcept;

 private:
  HeaderBytes header_{};
  WipedBytes body_;
  std::size_t sent_ = 0;  // of header and body
};

}  // namespace strongroom
