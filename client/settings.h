// What a client was opened with, checked.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "strongroom/client_error.h"
#include "strongroom/client_options.h"

namespace strongroom::client {

struct Settings {
  std::string socket_path;
  // Beside the caller. nullopt: any socket is trusted.
  std::optional<std::vector<uid_t>> trusted_owners;
  std::string application_name;  // empty: the kernel says who is asking
  std::chrono::milliseconds timeout;
  std::uint32_t max_answer_size;
};

// May throw std::bad_alloc.
ClientResult<Settings> settings_from(const ClientOptions& options);

}  // namespace strongroom::client
