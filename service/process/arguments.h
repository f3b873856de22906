// The command line of strongroomd.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "config/settings.h"

namespace strongroom {

// What the process tells whoever started it; 78 is EX_CONFIG of sysexits.h.
enum class ExitCode : int {
  Success = 0,
  Failure = 1,
  Usage = 2,
  Incomplete = 11,
  Configuration = 78,
};

// As help and manual show it.
struct ExitCodeMeaning {
  ExitCode code;
  std::string_view meaning;
};
inline constexpr std::array kExitCodes = {
    ExitCodeMeaning{ExitCode::Success, "stopped as asked"},
    ExitCodeMeaning{ExitCode::Failure, "failed to start or to run, or a check found damage"},
    ExitCodeMeaning{ExitCode::Usage, "wrong usage"},
    ExitCodeMeaning{ExitCode::Incomplete, "of a migration: some keys were kept back"},
    ExitCodeMeaning{ExitCode::Configuration, "the configuration is refused"},
};

// Whose keys are taken over.
struct ParsecMigration {
  std::filesystem::path config;  // of Parsec's service
  std::filesystem::path keys;    // the directory of Mbed Crypto's files; empty: not told
  bool is_dry_run = false;
  bool operator==(const ParsecMigration&) const = default;
};

struct Arguments {
  enum class Task {
    Serve,
    CheckConfiguration,
    CheckStore,
    // Of a store that is not served.
    Rekey,
    Rotate,
    RenewRecoverySecret,
    Recover,
    AcceptRollback,
    Forget,
    MigrateParsec,
    Reload,
    ShowVersion,
    ShowHelp,
  };
  Task task = Task::Serve;
  std::filesystem::path config;                     // where the configuration is, unless …
  std::optional<std::filesystem::path> standalone;  // … everything is in this directory
  bool accept = false;                              // what the check of the store finds
  bool init = false;                                // a new store although there is a key already
  std::optional<log::Level> log_level;              // wins over the configuration
  pid_t daemon = 0;                                 // that is asked to reload
  config::KeySource rekey_to;
  std::optional<config::Pcrs> rekey_pcrs;
  ParsecMigration parsec;
  bool operator==(const Arguments&) const = default;
};

// `words` are those after the program's name. PsaErrorInvalidArgument for anything that is not
// understood in full: options are not guessed from their beginnings.
Result<Arguments> parse_arguments(std::span<const char* const> words);

// An option as documentation shows it.
struct OptionDescription {
  std::string_view name;   // without dashes
  std::string_view value;  // what stands for it; empty for a switch
  std::string_view explanation;
};
std::vector<OptionDescription> describe_options();

// Every option and exit code.
std::string help_text();

}  // namespace strongroom
