// What tests say of a ClientResult beside the matchers of every Result.
#pragma once

#include <ostream>

#include "strongroom/client_error.h"
#include "tests/support/matchers.h"

namespace strongroom {

inline void PrintTo(ErrorSource source, std::ostream* out) {
  *out << "source " << static_cast<int>(source);
}
inline void PrintTo(const ClientError& error, std::ostream* out) {
  *out << "source " << static_cast<int>(error.source()) << ", " << to_string(error.status()) << ": "
       << error.message();
}

}  // namespace strongroom

namespace strongroom::testing {

MATCHER_P2(FailsFrom, source, status, "fails from the given source") {
  if (arg.has_value()) {
    *result_listener << "which succeeds";
    return false;
  }
  *result_listener << "source " << static_cast<int>(arg.error().source()) << ", "
                   << to_string(arg.error().status()) << ": " << arg.error().message();
  return arg.error().source() == source && arg.error().status() == status;
}

}  // namespace strongroom::testing
