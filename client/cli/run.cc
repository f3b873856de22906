#include "client/cli/run.h"

#include <ostream>
#include <vector>

#include <fmt/format.h>

#include "client/cli/arguments.h"
#include "client/cli/help.h"

namespace strongroom::cli {
namespace {

std::vector<Option> options_of(const Command* command) {
  std::vector<Option> options(kGlobalOptions.begin(), kGlobalOptions.end());
  if (command != nullptr)
    options.insert(options.end(), command->options.begin(), command->options.end());
  return options;
}

std::string help_for(const CommandLine& line) {
  if (line.command != nullptr) return command_help(*line.command);
  return line.group.empty() ? general_help() : group_help(line.group);
}

void apply_look(const Arguments& arguments, Streams& streams) {
  bool is_coloured = wants_colour(arguments.value("color"), streams.out_is_terminal);
  streams.look = {.is_coloured = is_coloured,
                  .width = streams.out_is_terminal ? streams.columns : 0};
  streams.shows_progress = streams.err_is_terminal && !arguments.has("quiet");
}

Outcome<> run_line(std::span<const std::string> tokens, Streams& streams) {
  CommandLine line = TRY(find_command(tokens));
  std::vector<Option> options = options_of(line.command);
  Arguments arguments = TRY(Arguments::parse(line.tokens, options));
  if (arguments.has("version")) {
    streams.out << "strongroom " STRONGROOM_VERSION "\n";
    return {};
  }
  if (arguments.has("help")) {
    streams.out << help_for(line);
    return {};
  }
  if (line.command == nullptr)
    return failed(ExitCode::Usage, "reading the command line: there is no command",
                  "'strongroom --help' lists the commands");
  TRY(arguments.check_positionals(line.command->positionals));
  TRY(arguments.check_values(options));
  apply_look(arguments, streams);
  return line.command->run({.command = *line.command, .arguments = arguments, .streams = streams});
}

Outcome<> flush(Streams& streams) {
  streams.out.flush();
  if (!streams.out) return failed(ExitCode::Other, "writing standard output: it cannot be written");
  return {};
}

}  // namespace

ExitCode run(std::span<const std::string> tokens, Streams& streams) {
  Outcome<> outcome = run_line(tokens, streams);
  Outcome<> flushed = flush(streams);  // what a command that fails has printed comes first
  if (outcome) outcome = flushed;
  if (outcome) return ExitCode::Ok;
  const Failure& failure = outcome.error();
  streams.err << "strongroom: " << failure.message << '\n';
  if (!failure.advice.empty()) streams.err << "  " << failure.advice << '\n';
  return failure.code;
}

}  // namespace strongroom::cli
