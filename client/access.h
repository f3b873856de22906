// What of the public types is for the library alone.
#pragma once

#include <utility>

#include "strongroom/client_error.h"
#include "strongroom/request.h"

namespace strongroom::detail {

struct Access {
  static void mark_outcome_unknown(ClientError& error) noexcept {
    error.outcome_is_unknown_ = true;
  }

  template <typename T>
  static PreparedRequest<T> prepared(EncodedRequest request, Decode<T> decode) noexcept {
    return {std::move(request), decode};
  }
  template <typename T>
  static EncodedRequest& encoded(PreparedRequest<T>& request) noexcept {
    return request.encoded_;
  }
  template <typename T>
  static Decode<T> decode(const PreparedRequest<T>& request) noexcept {
    return request.decode_;
  }
};

}  // namespace strongroom::detail
