#include "client/cli/arguments.h"

#include <algorithm>
#include <iterator>

#include <boost/program_options/errors.hpp>
#include <boost/program_options/parsers.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client/cli/command.h"
#include "client/cli/terminal/visible.h"
#include "config/nearest.h"

namespace strongroom::cli {
namespace {

namespace po = boost::program_options;

// Unlike boost's own descriptions these own no text, as the table's is static.
po::options_description describe(std::span<const Option> options) {
  po::options_description description;
  for (const Option& option : options) {
    std::string name(option.name);
    if (option.argument.empty())
      description.add_options()(name.c_str(), new po::untyped_value(true));
    else
      description.add_options()(name.c_str(), po::value<std::string>());
  }
  return description;
}

constexpr int kStyle = po::command_line_style::unix_style ^ po::command_line_style::allow_guessing;

po::parsed_options parse_with_boost(std::span<const std::string> tokens,
                                    const po::options_description& description) {
  std::vector<std::string> all(tokens.begin(), tokens.end());
  return po::command_line_parser(all).options(description).style(kStyle).run();
}

// In the words of this program, without the quotes that Boost sets itself.
std::string complaint(const po::error& error, std::span<const Option> options) {
  if (const auto* unknown = dynamic_cast<const po::unknown_option*>(&error)) {
    std::string name = unknown->get_option_name();
    std::vector<std::string> known;
    for (const Option& option : options)
      known.push_back(fmt::format("--{}", option.name));
    std::vector<std::string_view> candidates(known.begin(), known.end());
    return fmt::format("there is no option '{}'{}", visible(name),
                       config::suggestion(name, candidates));
  }
  using Syntax = po::invalid_command_line_syntax;
  const auto* syntax = dynamic_cast<const Syntax*>(&error);
  if (syntax == nullptr) return visible(error.what());
  std::string name = visible(syntax->get_option_name());
  switch (syntax->kind()) {
    case Syntax::missing_parameter:
    case Syntax::empty_adjacent_parameter: return fmt::format("option '{}' needs a value", name);
    case Syntax::extra_parameter: return fmt::format("option '{}' takes no value", name);
    default: return fmt::format("'{}' is not understood", name);
  }
}

bool is_repeatable(std::span<const Option> options, std::string_view name) {
  auto option = std::ranges::find(options, name, &Option::name);
  return option != options.end() && option->is_repeatable;
}

bool takes_value(std::string_view global) {
  const auto* option = std::ranges::find(kGlobalOptions, global, &Option::name);
  return option != kGlobalOptions.end() && !option->argument.empty();
}

bool is_group(std::string_view word) {
  return std::ranges::any_of(commands(), [&](const Command* command) {
    return command->words.starts_with(fmt::format("{} ", word));
  });
}

std::string subcommands_of(std::string_view group) {
  std::string names;
  for (const Command* command : commands()) {
    if (!command->words.starts_with(fmt::format("{} ", group))) continue;
    names += (names.empty() ? "" : ", ") + std::string(command->words.substr(group.size() + 1));
  }
  return names;
}

std::string unknown_command(std::string_view words) {
  std::vector<std::string_view> names;
  for (const Command* command : commands())
    names.push_back(command->words);
  return fmt::format("no command '{}'{}", visible(words), config::suggestion(words, names));
}

const Command* command_named(std::string_view words) {
  auto found = std::ranges::find(commands(), words, [](const Command* row) { return row->words; });
  return found == commands().end() ? nullptr : *found;
}

// Of a value of `what`: "--color", "SHELL".
Outcome<> check_word(const Values& values, std::string_view what, const std::string& given) {
  if (values.kind != Values::Kind::Words) return {};
  std::vector<std::string> words = values.words();
  if (std::ranges::find(words, given) != words.end()) return {};
  return failed(
      ExitCode::Usage,
      fmt::format("reading the command line: '{}' is no value of {}", visible(given), what),
      fmt::format("it is one of {}", fmt::join(words, ", ")));
}

// Index of the first token that is neither a global option nor the value of one.
std::size_t first_word(std::span<const std::string> tokens) {
  std::size_t i = 0;
  while (i < tokens.size() && tokens[i].starts_with("-") && tokens[i] != "-" && tokens[i] != "--") {
    bool value_follows = tokens[i].starts_with("--") && takes_value(tokens[i].substr(2));
    i += value_follows ? 2 : 1;
  }
  return std::min(i, tokens.size());
}

}  // namespace

Outcome<Arguments> Arguments::parse(std::span<const std::string> tokens,
                                    std::span<const Option> options) {
  Arguments arguments;
  try {
    po::options_description description = describe(options);
    for (const po::option& option : parse_with_boost(tokens, description).options) {
      if (option.string_key.empty()) {
        arguments.positionals_.insert(arguments.positionals_.end(), option.value.begin(),
                                      option.value.end());
        continue;
      }
      bool is_switch = option.value.empty();
      bool is_new =
          arguments.values_.emplace(option.string_key, is_switch ? std::string() : option.value[0])
              .second;
      if (is_new || is_switch) continue;
      if (is_repeatable(options, option.string_key))
        arguments.values_[option.string_key] += "," + option.value[0];
      else
        return failed(ExitCode::Usage, fmt::format("reading the command line: option '--{}' is "
                                                   "given twice",
                                                   option.string_key));
    }
  } catch (const po::error& error) {
    return failed(ExitCode::Usage,
                  fmt::format("reading the command line: {}", complaint(error, options)),
                  "'--help' behind a command lists its options");
  }
  return arguments;
}

Outcome<> Arguments::check_positionals(std::span<const Positional> expected) const {
  for (std::size_t i = positionals_.size(); i < expected.size(); ++i)
    if (expected[i].need == Positional::Need::Required)
      return failed(ExitCode::Usage,
                    fmt::format("reading the command line: {} is missing", expected[i].name));
  if (positionals_.size() > expected.size())
    return failed(ExitCode::Usage,
                  fmt::format("reading the command line: '{}' is one argument too many",
                              visible(positionals_[expected.size()])),
                  "a name that holds spaces needs quotes");
  for (std::size_t i = 0; i < positionals_.size(); ++i)
    TRY(check_word(expected[i].values, expected[i].name, positionals_[i]));
  return {};
}

Outcome<> Arguments::check_values(std::span<const Option> options) const {
  for (const Option& option : options)
    if (std::optional<std::string> given = value(option.name))
      TRY(check_word(option.values, fmt::format("--{}", option.name), *given));
  return {};
}

std::optional<std::string> Arguments::value(std::string_view option) const {
  auto found = values_.find(option);
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::string> Arguments::positional(std::size_t index) const {
  if (index >= positionals_.size()) return std::nullopt;
  return positionals_[index];
}

Outcome<CommandLine> find_command(std::span<const std::string> tokens) {
  auto first = tokens.begin() + static_cast<std::ptrdiff_t>(first_word(tokens));
  CommandLine line{.command = nullptr, .tokens = {tokens.begin(), first}};
  bool wants_help = first != tokens.end() && *first == "help";
  if (wants_help) {
    line.tokens.emplace_back("--help");
    ++first;
  }
  if (first == tokens.end()) return line;
  std::string words = *first;
  auto rest = std::next(first);
  if (is_group(words)) {
    line.group = words;
    bool is_whole = rest == tokens.end() || *rest == "--help";
    if (is_whole && (wants_help || rest != tokens.end())) {
      line.tokens.insert(line.tokens.end(), rest, tokens.end());
      return line;
    }
    if (is_whole)
      return failed(ExitCode::Usage, fmt::format("reading the command line: '{}' takes one of: {}",
                                                 words, subcommands_of(words)));
    words += " " + *rest++;
  }
  line.command = command_named(words);
  if (line.command == nullptr)
    return failed(ExitCode::Usage,
                  fmt::format("reading the command line: {}", unknown_command(words)),
                  "'strongroom --help' lists the commands");
  if (!wants_help) line.tokens.insert(line.tokens.end(), rest, tokens.end());
  return line;
}

}  // namespace strongroom::cli
