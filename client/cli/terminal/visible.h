// Text of others on a terminal: nothing that it could obey, and as wide as it looks.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace strongroom::cli {

// As escaped() for the log, but quotes stay and a backslash is doubled: what is shown reads like a
// name, and still only one name reads like that.
std::string visible(std::string_view text);

// Columns of a terminal that well-formed UTF-8 takes: wide characters two, marks none (wcwidth(3)).
// Where the locale is not one of UTF-8, one for each character.
std::size_t width_of(std::string_view text);

// `text`, or as much of its beginning as fits into `width` columns with a mark of omission.
std::string cut_to_width(std::string_view text, std::size_t width);

}  // namespace strongroom::cli
