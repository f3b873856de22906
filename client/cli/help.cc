#include "client/cli/help.h"

#include <fmt/format.h>

namespace strongroom::cli {
namespace {

constexpr std::size_t kTextColumn = 24;

// A term and what it means, in two columns; a long term gets a line of its own.
std::string entry(std::string_view term, std::string_view text) {
  if (term.size() + 4 > kTextColumn)
    return fmt::format("  {}\n{:{}}{}\n", term, "", kTextColumn, text);
  return fmt::format("  {:<{}}{}\n", term, kTextColumn - 2, text);
}

std::string options_help(std::span<const Option> options) {
  std::string text;
  for (const Option& option : options) {
    std::string term = fmt::format("--{}", option.name);
    if (!option.argument.empty()) term += fmt::format(" {}", option.argument);
    text += entry(term, option.help);
  }
  return text;
}

std::string usage_line(const Command& command) {
  std::string line = fmt::format("usage: strongroom {} [options]", command.words);
  if (!command.positionals.empty()) line += " [--]";
  for (const Positional& positional : command.positionals) {
    bool is_required = positional.need == Positional::Need::Required;
    line +=
        is_required ? fmt::format(" {}", positional.name) : fmt::format(" [{}]", positional.name);
  }
  return line + "\n";
}

}  // namespace

std::string general_help() {
  std::string text =
      "usage: strongroom [global options] COMMAND [options] [--] [NAME] [FILE]\n\ncommands:\n";
  for (const Command* command : commands())
    text += entry(command->words, command->summary);
  text += "\nglobal options, before the command or behind it:\n" + options_help(kGlobalOptions);
  return text +
         "\nexit status: 0 ok, 1 other failure, 2 usage, 3 cannot connect, 4 not permitted, 5 does "
         "not exist,\n6 exists, 7 bad signature or tag, 8 not supported, 9 invalid data, 10 "
         "service or device failure\n";
}

std::string command_help(const Command& command) {
  std::string text = usage_line(command);
  text += fmt::format("\n{}\n\n", command.summary);
  for (const Positional& positional : command.positionals)
    text += entry(positional.name, positional.help);
  text += options_help(command.options);
  return text + "\nglobal options:\n" + options_help(kGlobalOptions);
}

}  // namespace strongroom::cli
