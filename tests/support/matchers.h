// What tests say of a Result: EXPECT_THAT(x, IsOk()), IsOkAndHolds(matcher), FailsWith(status).
#pragma once

#include <ostream>

#include <gmock/gmock.h>

#include "base/error.h"

namespace strongroom {

inline void PrintTo(Status status, std::ostream* out) {
  *out << to_string(status);
}
inline void PrintTo(const Error& error, std::ostream* out) {
  *out << to_string(error.status()) << ": " << error.message();
}

}  // namespace strongroom

namespace strongroom::testing {

MATCHER(IsOk, "succeeds") {
  if (!arg.has_value())
    *result_listener << to_string(arg.error().status()) << ": " << arg.error().message();
  return arg.has_value();
}

MATCHER_P(FailsWith, status, "fails with " + std::string(to_string(status))) {
  if (arg.has_value()) {
    *result_listener << "which succeeds";
    return false;
  }
  *result_listener << to_string(arg.error().status()) << ": " << arg.error().message();
  return arg.error().status() == status;
}

MATCHER_P(IsOkAndHolds, inner, "succeeds and holds what matches") {
  if (!arg.has_value()) {
    *result_listener << to_string(arg.error().status()) << ": " << arg.error().message();
    return false;
  }
  return ::testing::ExplainMatchResult(inner, *arg, result_listener);
}

}  // namespace strongroom::testing
