// Renders strongroom(1) and strongroom-attest(1) from the tables that parse its command line.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/status.h"
#include "client/cli/command.h"
#include "client/cli/exit_code.h"
#include "client/cli/format/names.h"
#include "docs/man/page.h"

namespace strongroom::manual {
namespace {

std::string options_table(std::span<const cli::Option> options) {
  std::string table;
  for (const cli::Option& option : options) {
    std::string term = bold(fmt::format("--{}", option.name));
    if (!option.argument.empty()) term += " " + italic(option.argument);
    table += entry(term, plain(option.help));
  }
  return table;
}

std::string synopsis(const cli::Command& command) {
  std::string line = bold(fmt::format("strongroom {}", command.words));
  if (!command.options.empty()) line += " [" + italic("options") + "]";
  if (!command.positionals.empty()) line += " [\\fB\\-\\-\\fR]";
  for (const cli::Positional& positional : command.positionals) {
    const bool is_required = positional.need == cli::Positional::Need::Required;
    line += is_required ? " " + italic(positional.name) : " [" + italic(positional.name) + "]";
  }
  return line;
}

// The summary as a sentence.
std::string sentence(std::string_view summary) {
  std::string text(summary);
  if (text.front() >= 'a' && text.front() <= 'z') text.front() -= 'a' - 'A';
  return plain(text) + ".";
}

// Of those whose words begin with `group`.
std::string commands_table(std::string_view group) {
  std::string table;
  for (const cli::Command* command : cli::commands()) {
    if (!command->words.starts_with(group)) continue;
    table += fmt::format(".SS {}\n{}\n.PP\n{}\n", plain(command->words), synopsis(*command),
                         sentence(command->summary));
    if (command->audience == cli::Audience::Administrators)
      table += "For administrators, on their socket; see ENVIRONMENT.\n";
    for (const cli::Positional& positional : command->positionals)
      table += entry(italic(positional.name), plain(positional.help));
    table += options_table(command->options);
  }
  return table;
}

std::vector<Status> all_statuses() {
  std::vector<Status> all;
  for (std::uint16_t number = 0; number < 2000; ++number)
    if (const auto status = status_from(number)) all.push_back(*status);
  return all;
}

// All words of a kind, as a paragraph.
std::string words_table(const std::vector<std::string>& words) {
  std::string table;
  for (const std::string& word : words)
    table += (table.empty() ? "" : ",\n") + bold(word);
  return table + "\n";
}

// "ecdsa-sha256" as "ecdsa-HASH", and "rsa-oaep-sha256-aes-kwp" as "rsa-oaep-HASH-aes-kwp".
std::string with_any_hash(const std::string& algorithm) {
  constexpr std::string_view kBehind = "-aes-kwp";
  if (algorithm.ends_with(kBehind))
    return with_any_hash(algorithm.substr(0, algorithm.size() - kBehind.size())) +
           std::string(kBehind);
  std::vector<std::string> hashes = cli::hash_names();
  hashes.emplace_back("any-hash");
  for (const std::string& hash : hashes)
    if (const std::string ending = "-" + hash; algorithm.ends_with(ending))
      return algorithm.substr(0, algorithm.size() - ending.size()) + "-HASH";
  return algorithm;
}

std::vector<std::string> algorithm_forms() {
  std::vector<std::string> forms;
  for (const std::string& algorithm : cli::algorithm_names())
    if (std::string form = with_any_hash(algorithm); std::ranges::find(forms, form) == forms.end())
      forms.push_back(std::move(form));
  return forms;
}

// The statuses of the service that end a command with `code`, by number.
std::string statuses_of(cli::ExitCode code) {
  std::vector<std::string> names;
  for (const Status status : all_statuses())
    if (status != Status::Success && cli::exit_code_of(status) == code)
      names.push_back(plain(to_string(status)));
  return names.empty() ? "" : fmt::format(" ({})", fmt::join(names, ", "));
}

std::string exit_status_table() {
  std::string table;
  for (const cli::ExitCodeMeaning& row : cli::kExitCodes)
    table += entry(bold(std::to_string(std::to_underlying(row.code))),
                   plain(row.meaning) + statuses_of(row.code));
  return table;
}

}  // namespace
}  // namespace strongroom::manual

int main(int argc, char** argv) {
  using namespace strongroom;
  return manual::render(
      argc, argv,
      {{"strongroom.1",
        {{"global options", [] { return manual::options_table(cli::kGlobalOptions); }},
         {"commands", [] { return manual::commands_table(""); }},
         {"exit status", manual::exit_status_table},
         {"types", [] { return manual::words_table(cli::type_names()); }},
         {"algorithms", [] { return manual::words_table(manual::algorithm_forms()); }},
         {"hashes", [] { return manual::words_table(cli::hash_names()); }},
         {"usages", [] { return manual::words_table(cli::all_usage_names()); }}}},
       {"strongroom-attest.1",
        {{"attest commands", [] { return manual::commands_table("attest "); }}}}});
}
