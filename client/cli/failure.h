// Why a command failed, in the words that its user reads.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "base/error.h"
#include "client/cli/exit_code.h"

namespace strongroom::cli {

struct Failure {
  ExitCode code;
  std::string message;  // "doing what: cause"
  std::string advice;   // what to do next; may be empty
};

template <typename T = void>
class [[nodiscard]] Outcome : public std::expected<T, Failure> {
 public:
  using std::expected<T, Failure>::expected;
};

inline std::unexpected<Failure> failed(ExitCode code, std::string message,
                                       std::string advice = "") {
  return std::unexpected(Failure{code, std::move(message), std::move(advice)});
}

}  // namespace strongroom::cli
