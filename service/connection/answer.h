// What the service gives back for one request.
#pragma once

#include <optional>

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

struct Answer {
  std::optional<OwnedResponse> response;  // empty: the service stopped before it had one
};

}  // namespace strongroom
