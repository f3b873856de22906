// The command line of strongroomd.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <sys/types.h>

#include "base/error.h"
#include "base/log.h"

namespace strongroom {

// What the process tells whoever started it; 78 is EX_CONFIG of sysexits.h.
enum class ExitCode : int { Success = 0, Failure = 1, Usage = 2, Configuration = 78 };

struct Arguments {
  enum class Task { Serve, CheckConfiguration, CheckStore, Reload, ShowVersion, ShowHelp };
  Task task = Task::Serve;
  std::filesystem::path config;                     // where the configuration is, unless …
  std::optional<std::filesystem::path> standalone;  // … everything is in this directory
  bool accept = false;                              // what the check of the store finds
  bool init = false;                                // a new store although there is a key already
  std::optional<log::Level> log_level;              // wins over the configuration
  pid_t daemon = 0;                                 // that is asked to reload
  bool operator==(const Arguments&) const = default;
};

// `words` are those after the program's name. PsaErrorInvalidArgument for anything that is not
// understood in full: options are not guessed from their beginnings.
Result<Arguments> parse_arguments(std::span<const char* const> words);

// Every option and exit code.
std::string help_text();

}  // namespace strongroom
