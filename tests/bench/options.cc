#include "tests/bench/options.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "base/errno_text.h"

namespace strongroom::bench {

Options::Options(int argc, char** argv, std::initializer_list<std::string_view> known) {
  for (int i = 1; i < argc; i += 2) {
    std::string_view name = argv[i];
    if (!name.starts_with("--") || std::ranges::find(known, name.substr(2)) == known.end())
      die(2, fmt::format("unknown option '{}'", name));
    if (i + 1 == argc) die(2, fmt::format("option '{}' needs a value", name));
    values_.emplace(name.substr(2), argv[i + 1]);
  }
}

std::string Options::text(std::string_view name) const {
  auto found = values_.find(name);
  if (found == values_.end()) die(2, fmt::format("option '--{}' is missing", name));
  return found->second;
}

std::string Options::text(std::string_view name, std::string_view otherwise) const {
  return has(name) ? text(name) : std::string(otherwise);
}

double Options::number(std::string_view name, double otherwise) const {
  if (!has(name)) return otherwise;
  std::string value = text(name);
  double number = 0;
  auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (code != std::errc() || end != value.data() + value.size() || !(number >= 0))
    die(2, fmt::format("option '--{}': '{}' is no number", name, value));
  return number;
}

std::size_t Options::count(std::string_view name, std::size_t otherwise) const {
  return has(name) ? static_cast<std::size_t>(number(name, 0)) : otherwise;
}

void die(int code, std::string_view message) {
  fmt::print(stderr, "{}: {}\n", program_invocation_short_name, message);
  std::fflush(nullptr);
  std::_Exit(code);
}

void die_of_errno(std::string_view doing) {
  die(1, fmt::format("{}: {}", doing, errno_text()));
}

}  // namespace strongroom::bench
