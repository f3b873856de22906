// What the number of a failed system call means, in words.
#pragma once

#include <cerrno>
#include <string>
#include <system_error>

#include <fmt/format.h>

namespace strongroom {

// "No such file or directory (errno 2)".
inline std::string errno_text(int code = errno) {
  return fmt::format("{} (errno {})", std::generic_category().message(code), code);
}

}  // namespace strongroom
