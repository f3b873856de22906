#include "client/cli/arguments.h"

#include <algorithm>
#include <array>

#include <gmock/gmock.h>

#include "client/cli/command.h"

namespace strongroom::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

using Tokens = std::vector<std::string>;

constexpr std::array kOptions = {
    Option{"type", "TYPE", ""},
    Option{"force", "", ""},
    Option{"list", "PARTS", "", {}, true},
};

Outcome<Arguments> parse(const Tokens& tokens) {
  return Arguments::parse(tokens, kOptions);
}

ExitCode code_of(const auto& outcome) {
  return outcome ? ExitCode::Ok : outcome.error().code;
}

TEST(Arguments, OptionsAndNamesMayBeMixed) {
  Outcome<Arguments> arguments = parse({"web", "--type=aes-128", "file", "--force"});
  ASSERT_TRUE(arguments);
  EXPECT_THAT(arguments->value("type"), Optional(std::string("aes-128")));
  EXPECT_TRUE(arguments->has("force"));
  EXPECT_THAT(arguments->positional(0), Optional(std::string("web")));
  EXPECT_THAT(arguments->positional(1), Optional(std::string("file")));
  EXPECT_EQ(arguments->positional(2), std::nullopt);
}

TEST(Arguments, NamesAreTakenAsTheyAre) {
  for (const char* name : {"a b", "🔑 schlüssel", "a=b", "-", "a--b", "/keys/1", "", "\xff"}) {
    Outcome<Arguments> arguments = parse({"--type", "x", name});
    ASSERT_TRUE(arguments) << name;
    EXPECT_THAT(arguments->positional(0), Optional(std::string(name)));
  }
}

TEST(Arguments, BehindTwoDashesEverythingIsAName) {
  Outcome<Arguments> arguments = parse({"--force", "--", "--type", "-x", "--"});
  ASSERT_TRUE(arguments);
  EXPECT_FALSE(arguments->has("type"));
  EXPECT_THAT(arguments->positional(0), Optional(std::string("--type")));
  EXPECT_THAT(arguments->positional(1), Optional(std::string("-x")));
  EXPECT_THAT(arguments->positional(2), Optional(std::string("--")));
}

TEST(Arguments, ValuesHoldAnything) {
  Outcome<Arguments> arguments = parse({"--type", "a b=c 🔑"});
  ASSERT_TRUE(arguments);
  EXPECT_THAT(arguments->value("type"), Optional(std::string("a b=c 🔑")));
}

TEST(Arguments, WrongOptionsAreUsageFailures) {
  EXPECT_EQ(code_of(parse({"--unknown"})), ExitCode::Usage);
  EXPECT_EQ(code_of(parse({"-x"})), ExitCode::Usage);
  EXPECT_EQ(code_of(parse({"--type"})), ExitCode::Usage);
  EXPECT_EQ(code_of(parse({"--type="})), ExitCode::Usage);
  EXPECT_EQ(code_of(parse({"--force=yes"})), ExitCode::Usage);
  EXPECT_EQ(code_of(parse({"--type", "a", "--type", "b"})), ExitCode::Usage);
}

TEST(Arguments, PartsOfAListMayBeGivenOneByOne) {
  Outcome<Arguments> arguments = parse({"--list", "a,b", "--list=c"});
  ASSERT_TRUE(arguments);
  EXPECT_THAT(arguments->value("list"), Optional(std::string("a,b,c")));
}

TEST(Arguments, OptionsAreNotGuessed) {
  EXPECT_EQ(code_of(parse({"--ty", "x"})), ExitCode::Usage);
  EXPECT_EQ(code_of(parse({"--forc"})), ExitCode::Usage);
}

TEST(Arguments, MissingAndSurplusNamesAreUsageFailures) {
  constexpr std::array kExpected = {
      Positional{"NAME", Positional::Need::Required, ""},
      Positional{"FILE", Positional::Need::Optional, ""},
  };
  EXPECT_EQ(code_of(parse({})->check_positionals(kExpected)), ExitCode::Usage);
  EXPECT_EQ(code_of(parse({"a"})->check_positionals(kExpected)), ExitCode::Ok);
  EXPECT_EQ(code_of(parse({"a", "b"})->check_positionals(kExpected)), ExitCode::Ok);
  EXPECT_EQ(code_of(parse({"a", "b", "c"})->check_positionals(kExpected)), ExitCode::Usage);
}

TEST(Arguments, ValueThatIsNoneOfTheWordsIsAUsageFailure) {
  constexpr Values kWords = one_of([] { return std::vector<std::string>{"one", "two"}; });
  constexpr std::array kWith = {Option{"type", "TYPE", "", kWords},
                                Option{"list", "PARTS", "", such_as(type_names)}};
  constexpr std::array kExpected = {Positional{"WORD", Positional::Need::Optional, "", kWords}};
  auto checked = [&](const Tokens& tokens) { return parse(tokens)->check_values(kWith); };
  EXPECT_EQ(code_of(checked({"--type", "two", "--list", "anything"})), ExitCode::Ok);
  EXPECT_EQ(code_of(checked({"--type", "three"})), ExitCode::Usage);
  EXPECT_EQ(checked({"--type", "three"}).error().advice, "it is one of one, two");
  EXPECT_EQ(code_of(parse({"one"})->check_positionals(kExpected)), ExitCode::Ok);
  EXPECT_EQ(code_of(parse({"three"})->check_positionals(kExpected)), ExitCode::Usage);
}

TEST(FindCommand, WordsAreFoundBehindGlobalOptions) {
  Outcome<CommandLine> line =
      find_command(Tokens{"--socket", "key", "--json", "--app-name=a b", "key", "list", "--help"});
  ASSERT_TRUE(line);
  EXPECT_EQ(line->command, &kKeyList);
  EXPECT_THAT(line->tokens, ElementsAre("--socket", "key", "--json", "--app-name=a b", "--help"));
}

TEST(FindCommand, RestIsUntouched) {
  Outcome<CommandLine> line = find_command(Tokens{"sign", "--", "--hash", "-"});
  ASSERT_TRUE(line);
  EXPECT_EQ(line->command, &kSign);
  EXPECT_THAT(line->tokens, ElementsAre("--", "--hash", "-"));
}

TEST(FindCommand, EveryCommandIsFoundByItsWords) {
  for (const Command* command : commands()) {
    Tokens words;
    std::string_view rest = command->words;
    std::size_t space = rest.find(' ');
    words.emplace_back(rest.substr(0, space));
    if (space != std::string_view::npos) words.emplace_back(rest.substr(space + 1));
    Outcome<CommandLine> line = find_command(words);
    ASSERT_TRUE(line);
    EXPECT_EQ(line->command, command);
  }
}

TEST(FindCommand, WhatIsNoCommandIsAUsageFailure) {
  EXPECT_EQ(code_of(find_command(Tokens{"sing"})), ExitCode::Usage);
  EXPECT_EQ(code_of(find_command(Tokens{"key"})), ExitCode::Usage);
  EXPECT_EQ(code_of(find_command(Tokens{"key", "--json", "list"})), ExitCode::Usage);
  EXPECT_EQ(code_of(find_command(Tokens{"--", "ping"})), ExitCode::Usage);
  EXPECT_EQ(code_of(find_command(Tokens{""})), ExitCode::Usage);
}

TEST(FindCommand, NoCommandLeavesTheGlobalOptions) {
  Outcome<CommandLine> line = find_command(Tokens{"--version"});
  ASSERT_TRUE(line);
  EXPECT_EQ(line->command, nullptr);
  line = find_command(Tokens{"--socket"});
  ASSERT_TRUE(line);
  EXPECT_EQ(line->command, nullptr);
}

TEST(Commands, NoOptionIsDefinedTwice) {
  for (const Command* command : commands())
    for (const Option& option : command->options)
      for (const Option& global : kGlobalOptions)
        EXPECT_NE(option.name, global.name) << command->words;
}

// Of all options and arguments that there are.
struct Value {
  std::string_view command;
  std::string_view what;  // as usage lines name it
  std::string_view help;
  Values values;
};

std::vector<Value> all_values() {
  std::vector<Value> all;
  for (const Option& option : kGlobalOptions)
    all.push_back({"", option.argument, option.help, option.values});
  for (const Command* command : commands()) {
    for (const Option& option : command->options)
      all.push_back({command->words, option.argument, option.help, option.values});
    for (const Positional& positional : command->positionals)
      all.push_back({command->words, positional.name, positional.help, positional.values});
  }
  return all;
}

TEST(Commands, WhatNamesAFileOrHasAFormatSaysSo) {
  for (const Value& value : all_values()) {
    constexpr std::array kFileWords = {"FILE",     "DIR",       "PATH|URI",
                                       "IDENTITY", "CHALLENGE", "EVIDENCE"};
    EXPECT_EQ(std::ranges::find(kFileWords, value.what) != kFileWords.end(),
              value.values.kind == Values::Kind::Files)
        << value.command << " " << value.what;
    if (value.what == "FORMAT" || value.what == "WHEN" || value.what == "SHELL") {
      EXPECT_EQ(value.values.kind, Values::Kind::Words) << value.command << " " << value.what;
    }
  }
}

TEST(Commands, WordsThatExcludeOthersStandInHelp) {
  for (const Value& value : all_values()) {
    if (value.values.kind != Values::Kind::Words) continue;
    for (const std::string& word : value.values.words())
      EXPECT_NE(value.help.find(word), std::string_view::npos)
          << value.command << " " << value.what << " " << word;
  }
}

TEST(Commands, NameIsThatOfAKeyUnlessItIsMade) {
  for (const Command* command : commands())
    for (const Positional& positional : command->positionals) {
      bool is_new = command == &kKeyGenerate || command == &kKeyImport || command == &kKeyDerive ||
                    command == &kKeyUnwrap;
      EXPECT_EQ(positional.name == "NAME" && !is_new, positional.values.kind == Values::Kind::Keys)
          << command->words;
    }
}

TEST(Commands, OutputIsTakenByAllThatWriteBytes) {
  for (const Command* command : commands()) {
    auto has = [&](std::string_view name) {
      return std::ranges::find(command->options, name, &Option::name) != command->options.end();
    };
    const bool writes_text = command->words.starts_with("attest ") && !has("force");
    EXPECT_EQ(has("force") || writes_text, has("output") || writes_text) << command->words;
    EXPECT_TRUE(!has("out-format") || has("output")) << command->words;
  }
}

}  // namespace
}  // namespace strongroom::cli
