// How values that do not fit are reported.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.h"
#include "config/values/values.h"

namespace strongroom::config {

inline void report(const Node& node, const Reading& reading, std::string text) {
  reading.problems.push_back({.file = reading.file, .where = node.where, .text = std::move(text)});
}

// `expected` completes "'strict' must be …".
inline void report_kind(const Node& node, const Reading& reading, std::string_view expected) {
  report(node, reading,
         fmt::format("'{}' must be {}, not {}", reading.name, expected, kind_of(node)));
}

inline void report_text(const Node& node, const Reading& reading, std::string_view expected,
                        std::string_view text) {
  report(node, reading,
         fmt::format("'{}' must be {}, not '{}'", reading.name, expected, escaped(text, 64)));
}

inline const std::string* text_in(const Node& node, const Reading& reading,
                                  std::string_view expected) {
  const auto* text = std::get_if<std::string>(&node.value);
  if (text == nullptr) report_kind(node, reading, expected);
  return text;
}

inline bool is_path_of_file(const std::string& text) {
  return text.starts_with('/') && text.find('\0') == text.npos &&
         !std::filesystem::path(text).lexically_normal().native().ends_with('/');
}

}  // namespace strongroom::config
