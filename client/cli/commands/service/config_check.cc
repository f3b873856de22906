// strongroom config check
#include <algorithm>
#include <array>
#include <ostream>

#include <fmt/format.h>

#include "client/cli/command.h"
#include "config/parser.h"

namespace strongroom::cli {
namespace {

constexpr std::array kPositionals = {
    Positional{"FILE", Positional::Need::Optional,
               "the configuration, else /etc/strongroom/strongroom.toml", kFiles},
};

Json::Array json_of(const config::Problems& problems) {
  Json::Array all;
  for (const config::Problem& problem : problems)
    all.emplace_back(Json::Object{{"file", problem.file},
                                  {"line", problem.where.line},
                                  {"column", problem.where.column},
                                  {"warning", problem.weight == config::Weight::Warning},
                                  {"text", problem.text}});
  return all;
}

void print(const config::Problems& problems, const Streams& streams) {
  for (const config::Problem& problem : problems)
    streams.err << to_string(problem) << '\n';
  if (problems.empty())
    streams.out << "no problem found\n";
  else if (are_warnings(problems))
    streams.out << "no problem found but what is warned of\n";
}

Outcome<> run(const Invocation& invocation) {
  std::string file = invocation.arguments.positional(0).value_or(std::string(config::kDefaultPath));
  const config::Problems problems = config::examine(file);
  const auto errors = std::ranges::count(problems, config::Weight::Error, &config::Problem::weight);
  Streams& streams = invocation.streams;
  if (invocation.wants_json())
    streams.out
        << Json(Json::Object{{"valid", errors == 0}, {"problems", json_of(problems)}}).text()
        << '\n';
  else
    print(problems, streams);
  if (errors == 0) return {};
  return failed(ExitCode::InvalidData, fmt::format("checking the configuration: {} {}", errors,
                                                   errors == 1 ? "problem" : "problems"));
}

}  // namespace

const Command kConfigCheck = {
    .words = "config check",
    .summary = "tell all that is wrong with a configuration, as 'strongroomd --check-config' does",
    .options = {},
    .positionals = kPositionals,
    .run = run,
};

}  // namespace strongroom::cli
