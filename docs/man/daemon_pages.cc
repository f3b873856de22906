// Renders strongroomd(8) from its command line and strongroom.toml(5) from the grammar that parses
// the configuration.
#include <fmt/format.h>

#include "config/grammar.h"
#include "config/parser.h"
#include "docs/man/page.h"
#include "service/process/arguments.h"

namespace strongroom::manual {
namespace {

std::string options_table() {
  std::string table;
  for (const OptionDescription& option : describe_options()) {
    std::string term = bold(fmt::format("--{}", option.name));
    if (!option.value.empty()) term += " " + italic(option.value);
    table += entry(term, plain(option.explanation));
  }
  return table;
}

std::string exit_status_table() {
  std::string table;
  for (const ExitCodeMeaning& row : kExitCodes)
    table += entry(bold(std::to_string(std::to_underlying(row.code))), plain(row.meaning));
  return table;
}

// "duration from 100ms to 1h, "5s" by default; a change needs a restart".
std::string facts_of(const config::KeyDescription& key) {
  std::string facts(key.type);
  if (!key.most.empty()) facts += fmt::format(" from {} to {}", key.least, key.most);
  if (key.fallback.empty())
    facts += ", required";
  else if (key.fallback == "\"\"")
    facts += ", none by default";
  else
    facts += fmt::format(", {} by default", key.fallback);
  if (key.effect == config::Effect::Restart) facts += "; a change needs a restart";
  return facts;
}

std::string keys_table(const std::string& section) {
  std::string table;
  for (const config::KeyDescription& key : config::describe_grammar())
    if (key.section == section)
      table += entry(bold(key.name),
                     fmt::format("{}\n.br\n({})", plain(key.documentation), plain(facts_of(key))));
  return table;
}

Tables sections() {
  Tables tables;
  for (const config::KeyDescription& key : config::describe_grammar())
    tables.try_emplace(key.section, [section = key.section] { return keys_table(section); });
  return tables;
}

}  // namespace
}  // namespace strongroom::manual

int main(int argc, char** argv) {
  using namespace strongroom;
  return manual::render(
      argc, argv,
      {{"strongroomd.8",
        {{"options", manual::options_table}, {"exit status", manual::exit_status_table}}},
       {"strongroom.toml.5", manual::sections()}});
}
