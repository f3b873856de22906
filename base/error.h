// The one error type, the Result that carries it, and the two helpers that pass it upwards.
#pragma once

#include <expected>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/status.h"

namespace strongroom {

// A Status for the caller and an explanation for the operator's log. Only the Status crosses the
// socket. Never holds a secret.
class [[nodiscard]] Error {
 public:
  Error(Status status, std::string message,
        std::source_location where = std::source_location::current())
      : status_(status), message_(std::move(message)), where_(where) {}

  Status status() const noexcept { return status_; }
  // Innermost cause last: "signing with key 'web': EVP_PKEY_sign: 0x1c880004".
  const std::string& message() const noexcept { return message_; }
  std::source_location where() const noexcept { return where_; }

  void add_context(std::string_view doing) { message_ = fmt::format("{}: {}", doing, message_); }

 private:
  Status status_;
  std::string message_;
  std::source_location where_;
};

// A T, or why there is none. libstdc++ 12 lets a std::expected be ignored, hence the class:
// dropping a Result is a compile error.
template <typename T = void>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};

inline std::unexpected<Error> fail(Status status, std::string message,
                                   std::source_location where = std::source_location::current()) {
  return std::unexpected(Error(status, std::move(message), where));
}

// Says what was being done. The text is formatted on failure only.
template <typename T, typename... Args>
Result<T> in_context(Result<T> result, fmt::format_string<Args...> doing, Args&&... args) {
  if (!result) result.error().add_context(fmt::format(doing, std::forward<Args>(args)...));
  return result;
}

}  // namespace strongroom

// Yields the value, or returns the error from the enclosing function. Stands only as
// `auto x = TRY(…)`, as a statement or after `return`: inside braces g++ 12 forgets to destroy what
// was built before it.
#define TRY(expression)                                                       \
  __extension__({                                                             \
    auto try_result_ = (expression);                                          \
    if (!try_result_) return std::unexpected(std::move(try_result_).error()); \
    *std::move(try_result_);                                                  \
  })
