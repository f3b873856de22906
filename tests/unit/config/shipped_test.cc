// The file that is installed says what the program does.
#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <set>

#include <gtest/gtest.h>

#include "config/grammar.h"
#include "config/parser.h"
#include "tests/unit/config/fake_accounts.h"

namespace strongroom::config {
namespace {

std::string shipped() {
  std::ifstream file(SHIPPED_CONFIGURATION);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(ShippedFile, MeansTheDefaults) {
  const Loaded loaded = parse(shipped(), "strongroom.toml", fake_accounts());
  ASSERT_TRUE(loaded) << to_string(loaded.error().front());
  EXPECT_EQ(*loaded, *parse("", "empty", fake_accounts()));
}

TEST(ShippedFile, ShowsEveryKeyWithItsDefault) {
  std::set<std::string> shown;
  std::set<std::string> examples;  // of keys that have no default, or no place in the file
  std::istringstream lines(shipped());
  std::string section;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('[')) section = line;
    std::set<std::string>& keys = line.starts_with("# ") ? examples : shown;
    if (line.starts_with("# ")) line.erase(0, 2);
    if (const auto equals = line.find(" = "); equals != line.npos)
      keys.insert(section + line.substr(0, equals));
  }
  for (const KeyDescription& key : describe_grammar()) {
    const std::string name = key.section + std::string(key.name);
    const bool has_none = key.fallback == "\"\"";
    const bool is_of_another_type = key.of.has_value();
    const bool may_be_example = has_none || is_of_another_type;
    EXPECT_TRUE(shown.contains(name) || (may_be_example && examples.contains(name))) << name;
  }
}

TEST(Grammar, DocumentsEveryKeyInOneSentence) {
  for (const KeyDescription& key : describe_grammar()) {
    EXPECT_TRUE(std::isupper(static_cast<unsigned char>(key.documentation.front()))) << key.name;
    EXPECT_TRUE(key.documentation.find('\n') == std::string_view::npos) << key.name;
    EXPECT_FALSE(key.type.empty()) << key.name;
  }
}

TEST(Grammar, DescribesBoundsAndWhatAChangeTakes) {
  const auto described = [](std::string_view name) {
    const auto all = describe_grammar();
    return *std::ranges::find(all, name, &KeyDescription::name);
  };
  EXPECT_EQ(described("workers").least, "0");
  EXPECT_EQ(described("workers").most, "256");
  EXPECT_EQ(described("body_bytes").least, "1KiB");
  EXPECT_EQ(described("body_bytes").most, "64MiB");
  EXPECT_EQ(described("idle_timeout").most, "24h");
  EXPECT_EQ(described("strict").most, "");
  EXPECT_EQ(described("strict").effect, Effect::Reload);
  EXPECT_EQ(described("key_source").effect, Effect::Restart);
}

TEST(Grammar, GivesDefaultsThatTheParserTakes) {
  std::string text;
  std::string section;
  for (const KeyDescription& key : describe_grammar()) {
    if (key.section.starts_with("[[") || key.fallback.empty()) continue;
    if (key.section != section) text += key.section + "\n";
    section = key.section;
    text += std::string(key.name) + " = " + key.fallback + "\n";
  }
  const Loaded loaded = parse(text, "defaults", fake_accounts());
  ASSERT_TRUE(loaded) << to_string(loaded.error().front()) << "\n" << text;
  EXPECT_EQ(*loaded, *parse("", "empty", fake_accounts()));
}

}  // namespace
}  // namespace strongroom::config
