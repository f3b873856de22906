// What a command line says, once parsed.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/cli/failure.h"
#include "client/cli/option.h"

namespace strongroom::cli {

struct Command;

class Arguments {
 public:
  // Options and positionals may be mixed; behind `--` all are positionals. Names of options are not
  // completed. Too many and missing positionals are left to check_positionals().
  static Outcome<Arguments> parse(std::span<const std::string> tokens,
                                  std::span<const Option> options);

  // How many there are, and that a value that is one of some words is one of them.
  Outcome<> check_positionals(std::span<const Positional> expected) const;
  Outcome<> check_values(std::span<const Option> options) const;

  bool has(std::string_view option) const { return values_.contains(option); }
  std::optional<std::string> value(std::string_view option) const;
  // nullopt behind the last one.
  std::optional<std::string> positional(std::size_t index) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
  std::vector<std::string> positionals_;
};

// A command line split where its command's words stand. The tokens around them are untouched.
struct CommandLine {
  const Command* command = nullptr;  // nullptr: only global options, for --help and --version
  std::string group = "";            // of commands, without one of them: "key"
  std::vector<std::string> tokens;   // what stands before the words, then what stands behind
};

// `tokens` is without the program's name. "help COMMAND" is "COMMAND --help".
Outcome<CommandLine> find_command(std::span<const std::string> tokens);

}  // namespace strongroom::cli
