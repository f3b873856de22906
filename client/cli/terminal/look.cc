#include "client/cli/terminal/look.h"

#include <cstdlib>

#include <fmt/format.h>

namespace strongroom::cli {
namespace {

std::string_view environment(const char* variable) {
  const char* value = std::getenv(variable);
  return value == nullptr ? std::string_view() : value;
}

int code_of(Colour colour) {
  switch (colour) {
    case Colour::Bold: return 1;
    case Colour::Red: return 31;
    case Colour::Green: return 32;
    case Colour::Yellow: return 33;
  }
  return 0;
}

}  // namespace

std::string Look::in(Colour colour, std::string_view text) const {
  if (!is_coloured) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code_of(colour), text);
}

bool wants_colour(const std::optional<std::string>& when, bool is_terminal) {
  if (!when || *when == "auto")
    return is_terminal && environment("NO_COLOR").empty() && environment("TERM") != "dumb";
  return *when == "always";
}

}  // namespace strongroom::cli
