#include "service/process/descriptor_limit.h"

#include <algorithm>
#include <sys/resource.h>

#include "base/errno_text.h"
#include "base/log.h"

namespace strongroom {

Result<> make_room_for_connections(std::uint32_t connections) {
  // Sockets, loops, the database, what is held for administrators, and their connections.
  constexpr rlim_t kOurOwn = 192;
  // For a connection and for the process at its other end.
  constexpr rlim_t kEach = 2;
  const rlim_t needed = kEach * connections + kOurOwn;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return fail(Status::PsaErrorGenericError,
                fmt::format("getrlimit(RLIMIT_NOFILE): {}", errno_text()));
  if (limit.rlim_cur >= needed) return {};
  if (limit.rlim_max < needed)
    log::warning("process", "RLIMIT_NOFILE is {}, too low for {} connections", limit.rlim_max,
                 connections);
  limit.rlim_cur = std::min(limit.rlim_max, needed);
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
    return fail(Status::PsaErrorGenericError,
                fmt::format("setrlimit(RLIMIT_NOFILE): {}", errno_text()));
  return {};
}

}  // namespace strongroom
