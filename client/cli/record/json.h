// Values for programs, printed as JSON (RFC 8259).
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace strongroom::cli {

// A JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
std::string json_string(std::string_view text);

class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;  // in the order of the documentation

  explicit(false) Json(std::nullptr_t /*null*/) {}
  explicit(false) Json(std::same_as<bool> auto value) : value_(value) {}
  explicit(false) Json(std::integral auto value)
    requires(!std::same_as<decltype(value), bool>)
      : value_(static_cast<std::int64_t>(value)) {}
  explicit(false) Json(double value) : value_(value) {}
  explicit(false) Json(std::string value) : value_(std::move(value)) {}
  explicit(false) Json(std::string_view value) : value_(std::string(value)) {}
  explicit(false) Json(const char* value) : value_(std::string(value)) {}
  explicit(false) Json(Array value) : value_(std::move(value)) {}
  explicit(false) Json(Object value) : value_(std::move(value)) {}

  // On one line.
  std::string text() const;

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> value_;
};

}  // namespace strongroom::cli
