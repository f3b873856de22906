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

Outcome<> run_line(std::span<const std::string> tokens, Streams& streams) {
  CommandLine line = TRY(find_command(tokens));
  Arguments arguments = TRY(Arguments::parse(line.tokens, options_of(line.command)));
  if (arguments.has("version")) {
    streams.out << "strongroom " STRONGROOM_VERSION "\n";
    return {};
  }
  if (arguments.has("help")) {
    streams.out << (line.command != nullptr ? command_help(*line.command) : general_help());
    return {};
  }
  if (line.command == nullptr)
    return failed(ExitCode::Usage, "reading the command line: there is no command",
                  "'strongroom --help' lists the commands");
  TRY(arguments.check_positionals(line.command->positionals));
  return line.command->run({.arguments = arguments, .streams = streams});
}

Outcome<> flush(Streams& streams) {
  streams.out.flush();
  if (!streams.out) return failed(ExitCode::Other, "writing standard output: it cannot be written");
  return {};
}

}  // namespace

ExitCode run(std::span<const std::string> tokens, Streams& streams) {
  Outcome<> outcome = run_line(tokens, streams);
  if (outcome) outcome = flush(streams);
  if (outcome) return ExitCode::Ok;
  const Failure& failure = outcome.error();
  streams.err << "strongroom: " << failure.message << '\n';
  if (!failure.advice.empty()) streams.err << "  " << failure.advice << '\n';
  return failure.code;
}

}  // namespace strongroom::cli
