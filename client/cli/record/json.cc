#include "client/cli/record/json.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/utf8.h"

namespace strongroom::cli {
namespace {

struct Print {
  std::string operator()(std::monostate) const { return "null"; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
  std::string operator()(double value) const { return fmt::format("{:.3f}", value); }
  std::string operator()(const std::string& value) const { return json_string(value); }
  std::string operator()(const Json::Array& values) const {
    std::string list;
    for (const Json& value : values)
      list += (list.empty() ? "" : ", ") + value.text();
    return fmt::format("[{}]", list);
  }
  std::string operator()(const Json::Object& members) const {
    std::string list;
    for (const auto& [name, value] : members)
      list += fmt::format("{}{}: {}", list.empty() ? "" : ", ", json_string(name), value.text());
    return fmt::format("{{{}}}", list);
  }
};

}  // namespace

std::string Json::text() const {
  return std::visit(Print(), value_);
}

std::string json_string(std::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    std::size_t length = utf8_sequence_length(text);
    auto first = static_cast<unsigned char>(text.front());
    if (length == 0)
      quoted += "\\ufffd";
    else if (first == '"' || first == '\\')
      quoted += fmt::format("\\{}", text.front());
    else if (first < 0x20 || first == 0x7f)
      quoted += fmt::format("\\u{:04x}", first);
    else
      quoted += text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return quoted + "\"";
}

}  // namespace strongroom::cli
