// Commands on a store that is not served, which the daemon's program does.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "client/cli/command.h"

namespace strongroom::cli {

// Taken by each of them.
inline constexpr Option kConfigOption = {
    "config", "FILE", "the service's configuration, else /etc/strongroom/strongroom.toml", kFiles};
inline constexpr Option kProgramOption = {
    "strongroomd", "FILE", "the daemon's program, else the one that was installed", kFiles};

// Becomes strongroomd with these words; returns on failure alone. What it says and asks, and its
// exit status, are its own.
Outcome<> become_daemon(const Invocation& invocation, std::vector<std::string> words);
// The same for a command whose --config is of something else.
Outcome<> become_daemon_of(const std::optional<std::string>& config, const Invocation& invocation,
                           std::vector<std::string> words);

}  // namespace strongroom::cli
