#include "client/cli/help.h"

#include <utility>

#include <fmt/format.h>

#include "client/cli/exit_code.h"

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

std::string commands_help(Audience audience) {
  std::string text;
  for (const Command* command : commands())
    if (command->audience == audience) text += entry(command->words, command->summary);
  return text;
}

// On lines of at most 80 columns.
std::string exit_status_help() {
  std::string text = "\n";
  std::string line = "exit status:";
  for (const ExitCodeMeaning& row : kExitCodes) {
    std::string item = fmt::format(" {} {}", std::to_underlying(row.code), row.meaning);
    if (row.code != kExitCodes.back().code) item += ",";
    if (line.size() + item.size() > 80) text += std::exchange(line, " ") + "\n";
    line += item;
  }
  return text + line + "\n";
}

}  // namespace

std::string general_help() {
  std::string text =
      "usage: strongroom [global options] COMMAND [options] [--] [NAME] [FILE]\n\ncommands:\n";
  text += commands_help(Audience::Everybody);
  text += "\ncommands for administrators, on a socket of their own:\n";
  text += commands_help(Audience::Administrators);
  text += "\nglobal options, before the command or behind it:\n" + options_help(kGlobalOptions);
  text += exit_status_help();
  text += "\n'strongroom help COMMAND' says more of one\n";
  return text + "\nmanual: strongroom(1); of the service: strongroomd(8), strongroom.toml(5)\n";
}

std::string group_help(std::string_view group) {
  std::string text = fmt::format("usage: strongroom {} COMMAND [options]\n\ncommands:\n", group);
  for (const Command* command : commands())
    if (command->words.starts_with(fmt::format("{} ", group)))
      text += entry(command->words, command->summary);
  return text;
}

std::string command_help(const Command& command) {
  std::string text = usage_line(command);
  text += fmt::format("\n{}\n\n", command.summary);
  if (command.audience == Audience::Administrators)
    text += "For administrators, on a socket of their own.\n\n";
  for (const Positional& positional : command.positionals)
    text += entry(positional.name, positional.help);
  text += options_help(command.options);
  return text + "\nglobal options:\n" + options_help(global_options_of(command));
}

}  // namespace strongroom::cli
