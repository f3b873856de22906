// Each of the broken configurations is refused with exactly the problems that its files tell
// themselves, one a line after "#>".
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/stat.h>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/parser.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/config/fake_accounts.h"

namespace strongroom::config {
namespace {

namespace fs = std::filesystem;

// A file, or a directory of a main file and its fragments.
std::vector<std::string> broken_configurations() {
  std::vector<std::string> found;
  for (const auto& folder : fs::directory_iterator(BROKEN_CONFIGURATIONS))
    for (const auto& entry : fs::directory_iterator(folder))
      found.push_back(fs::relative(entry, BROKEN_CONFIGURATIONS));
  std::ranges::sort(found);
  return found;
}

std::string replaced(std::string text, std::string_view what, const std::string& by) {
  if (const auto at = text.find(what); at != text.npos) text.replace(at, what.size(), by);
  return text;
}

std::vector<std::string> expected_of(const fs::path& file, const fs::path& directory) {
  constexpr std::string_view kMark = "#> ";
  std::vector<std::string> lines;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with(kMark)) continue;
    const std::string text = replaced(line.substr(kMark.size()), "{here}", directory);
    const bool has_place = std::isdigit(static_cast<unsigned char>(text.front())) != 0;
    lines.push_back(fmt::format("{}:{}{}", file.native(), has_place ? "" : " ", text));
  }
  return lines;
}

class BrokenConfiguration : public ::testing::TestWithParam<std::string> {
 protected:
  // A copy, so that the modes in the source tree do not count.
  void SetUp() override {
    const fs::path source = fs::path(BROKEN_CONFIGURATIONS) / GetParam();
    if (fs::is_directory(source))
      fs::copy(source, directory_, fs::copy_options::recursive);
    else
      fs::copy_file(source, main_);
    for (const auto& entry : fs::recursive_directory_iterator(directory_))
      ASSERT_EQ(chmod(entry.path().c_str(), entry.is_directory() ? 0755 : 0644), 0);
  }

  std::vector<std::string> expected() const {
    std::vector<fs::path> fragments;
    if (const fs::path folder = directory_ / "conf.d"; fs::exists(folder))
      for (const auto& entry : fs::directory_iterator(folder))
        fragments.push_back(entry);
    std::ranges::sort(fragments, {}, [](const fs::path& path) { return path.native(); });
    std::vector<std::string> all = expected_of(main_, directory_);
    for (const fs::path& fragment : fragments)
      std::ranges::copy(expected_of(fragment, directory_), std::back_inserter(all));
    return all;
  }

  testing::TemporaryDirectory place_;
  fs::path directory_ = fs::canonical(place_.path());
  fs::path main_ = directory_ / "strongroom.toml";
};

TEST_P(BrokenConfiguration, IsToldInFull) {
  const Loaded loaded = load(main_, fake_accounts());
  ASSERT_FALSE(loaded);
  std::vector<std::string> problems;
  for (const Problem& problem : loaded.error())
    problems.push_back(to_string(problem));
  EXPECT_EQ(problems, expected());
}

std::string name_of_case(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::ranges::replace_if(
      name, [](unsigned char letter) { return std::isalnum(letter) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, BrokenConfiguration, ::testing::ValuesIn(broken_configurations()),
                         name_of_case);

TEST(BrokenConfigurations, AreFiftyAtLeast) {
  EXPECT_GE(broken_configurations().size(), 50U);
}

}  // namespace
}  // namespace strongroom::config
