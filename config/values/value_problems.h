// How values that do not fit are reported.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/bytes.h"
#include "config/nearest.h"
#include "config/values/values.h"
#include "config/values/words.h"

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

template <typename Names>
void read_word(const Node& node, const Reading& reading, const Names& names, std::string_view what,
               auto& value) {
  std::vector<std::string_view> words;
  words.reserve(names.size());
  for (const auto& [name, unused] : names)
    words.push_back(name);
  const std::string known = fmt::format("one of {}", fmt::join(words, ", "));
  const std::string* word = text_in(node, reading, known);
  if (word == nullptr) return;
  if (const auto named = value_named(names, *word)) {
    value = *named;
    return;
  }
  std::string hint = suggestion(*word, words);
  if (hint.empty()) hint = "; it must be " + known;
  report(node, reading, fmt::format("unknown {} '{}'{}", what, escaped(*word, 64), hint));
}

}  // namespace strongroom::config
