// strongroom config check
#include <array>
#include <ostream>

#include <fmt/format.h>

#include "client/cli/command.h"
#include "config/parser.h"
#include "config/secret_files.h"

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
                                  {"text", problem.text}});
  return all;
}

Outcome<> run(const Invocation& invocation) {
  std::string file = invocation.arguments.positional(0).value_or(std::string(config::kDefaultPath));
  config::Loaded loaded = config::load(file);
  config::Problems problems =
      loaded ? config::problems_of_secret_files(*loaded, file) : loaded.error();
  Streams& streams = invocation.streams;
  if (invocation.wants_json())
    streams.out
        << Json(Json::Object{{"valid", problems.empty()}, {"problems", json_of(problems)}}).text()
        << '\n';
  else if (problems.empty())
    streams.out << "no problem found\n";
  else
    for (const config::Problem& problem : problems)
      streams.err << to_string(problem) << '\n';
  if (problems.empty()) return {};
  return failed(ExitCode::InvalidData,
                fmt::format("checking the configuration: {} {}", problems.size(),
                            problems.size() == 1 ? "problem" : "problems"));
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
