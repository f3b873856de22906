// What a failed system call becomes.
#pragma once

#include <cerrno>
#include <source_location>
#include <string_view>
#include <system_error>

#include "base/errno_text.h"
#include "base/error.h"

namespace strongroom {

// ConnectionError: "doing what: No such file or directory (errno 2)".
inline Error system_error(std::string_view doing, int code = errno,
                          std::source_location where = std::source_location::current()) {
  return {Status::ConnectionError, fmt::format("{}: {}", doing, errno_text(code)), where};
}

}  // namespace strongroom
