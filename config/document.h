// A TOML document as plain values that know their place. The one file that meets toml++ and its
// exceptions is document.cc.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/problem.h"

namespace strongroom::config {

struct Member;

struct Node {
  using Array = std::vector<Node>;
  using Table = std::vector<Member>;  // sorted by name
  // What no setting of ours is: a number with a fraction, a date, a time.
  struct Foreign {
    std::string_view kind;
  };

  Position where;
  std::variant<bool, std::int64_t, std::string, Array, Table, Foreign> value;
};

struct Member {
  std::string name;
  Position where;  // of the name
  Node value;
};

// "a string", "an array", … for messages.
std::string_view kind_of(const Node& node);

// The root is a table. The problem is the first thing that is not TOML 1.0.
std::expected<Node, Problem> parse_document(std::string_view text, const std::string& file);

}  // namespace strongroom::config
