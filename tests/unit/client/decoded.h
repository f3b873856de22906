// What a request makes of an answer's body.
#pragma once

#include "base/bytes.h"
#include "client/access.h"

namespace strongroom::testing {

template <typename T>
ClientResult<T> decoded(PreparedRequest<T>& request, ByteView answer) {
  using detail::Access;
  return Access::decode(request)(Access::encoded(request), answer);
}

}  // namespace strongroom::testing
