// The client's end of a stream socket. Nothing here waits, is inherited by exec or raises SIGPIPE.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

#include "base/unique_fd.h"
#include "client/settings.h"
#include "strongroom/client_error.h"

namespace strongroom::client {

// Checks whether the socket is to be trusted, and connects to it as the effective user `euid`.
// nullopt: the service's backlog is full (connect(2), EAGAIN), which is worth another try soon.
// Fails with source Endpoint, system_error() saying why. May throw std::bad_alloc.
ClientResult<std::optional<UniqueFd>> connect_to(const Settings& settings, uid_t euid);

// The words for an errno.
std::string errno_words(int code);

}  // namespace strongroom::client
