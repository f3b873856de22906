#include "config/document.h"

#include <algorithm>
#include <toml++/toml.h>

#include <fmt/format.h>

#include "base/bytes.h"

namespace strongroom::config {
namespace {

Position position_of(const toml::source_region& region) {
  return {.line = static_cast<std::uint32_t>(region.begin.line),
          .column = static_cast<std::uint32_t>(region.begin.column)};
}

Node::Foreign foreign(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::floating_point: return {"a number with a fraction"};
    case toml::node_type::date: return {"a date"};
    case toml::node_type::time: return {"a time"};
    default: return {"a date and time"};
  }
}

// toml++ 3.3 bounds the nesting of values (256) but not that of dotted keys, and frees what it has
// read by recursion. Each level takes a dot, and no configuration has this many.
constexpr std::ptrdiff_t kMostDots = 2048;

// Recursion is bounded by the above.
Node converted(const toml::node& node) {
  Node result{.where = position_of(node.source()), .value = false};
  if (const auto* boolean = node.as_boolean()) {
    result.value = boolean->get();
  } else if (const auto* integer = node.as_integer()) {
    result.value = integer->get();
  } else if (const auto* text = node.as_string()) {
    result.value = text->get();
  } else if (const auto* array = node.as_array()) {
    Node::Array elements;
    for (const toml::node& element : *array)
      elements.push_back(converted(element));
    result.value = std::move(elements);
  } else if (const auto* table = node.as_table()) {
    Node::Table members;
    for (const auto& [key, value] : *table)
      members.push_back({.name = std::string(key.str()),
                         .where = position_of(key.source()),
                         .value = converted(value)});
    result.value = std::move(members);
  } else {
    result.value = foreign(node);
  }
  return result;
}

// toml++ quotes words that it saw as they stand. Quotation marks and backslashes are its own.
std::string shown(std::string_view description) {
  std::string safe;
  for (std::size_t begin = 0; begin <= description.size();) {
    const std::size_t end = std::min(description.find_first_of("'\\", begin), description.size());
    safe += escaped(description.substr(begin, end - begin));
    if (end < description.size()) safe += description[end];
    begin = end + 1;
  }
  return safe;
}

}  // namespace

std::string_view kind_of(const Node& node) {
  struct Names {
    std::string_view operator()(bool) const { return "a boolean"; }
    std::string_view operator()(std::int64_t) const { return "an integer"; }
    std::string_view operator()(const std::string&) const { return "a string"; }
    std::string_view operator()(const Node::Array&) const { return "an array"; }
    std::string_view operator()(const Node::Table&) const { return "a table"; }
    std::string_view operator()(const Node::Foreign& other) const { return other.kind; }
  };
  return std::visit(Names{}, node.value);
}

std::expected<Node, Problem> parse_document(std::string_view text, const std::string& file) {
  if (std::ranges::count(text, '.') > kMostDots)
    return std::unexpected(
        Problem{.file = file, .text = fmt::format("more than {} dots", kMostDots)});
  try {
    return converted(toml::parse(text));
  } catch (const toml::parse_error& error) {
    return std::unexpected(Problem{
        .file = file, .where = position_of(error.source()), .text = shown(error.description())});
  }
}

}  // namespace strongroom::config
