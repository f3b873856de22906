// What a check says of the files that a configuration names.
#include "config/machine/surroundings.h"

#include <elf.h>
#include <fstream>
#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/parser.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/config/fake_accounts.h"

namespace strongroom::config {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Surroundings : public ::testing::Test {
 protected:
  void SetUp() override {
    pin_ = write("pin", "1234\n");
    fs::permissions(pin_, fs::perms::owner_read);
    module_ = write("module.so", module_text());
  }

  // As a shared library for this machine begins, with the name that a module has.
  static std::string module_text(Elf64_Half type = ET_DYN) {
    std::string header(EI_NIDENT + 2 * sizeof(Elf64_Half), '\0');
    std::ifstream("/proc/self/exe", std::ios::binary)
        .read(header.data(), static_cast<std::streamsize>(header.size()));
    header[EI_NIDENT] = static_cast<char>(type);
    return header + std::string(1 << 20, 'x') + '\0' + "C_GetFunctionList" + '\0';
  }
  fs::path write(const std::string& name, std::string_view content) {
    const fs::path path = directory_ / name;
    std::ofstream(path, std::ios::binary) << content;
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    return path;
  }
  std::string uri(const fs::path& module, std::string_view token = "token=keys") const {
    return fmt::format("uri = \"pkcs11:{}?module-path={}\"\n", token, module.string());
  }
  std::string pin(const fs::path& file) const {
    return fmt::format("pin = \"file:{}\"\n", file.string());
  }
  // Of a provider with these keys, from line 3 on.
  static std::vector<std::string> problems(const std::string& keys) {
    const Source source{.file = "here", .text = "[[provider]]\ntype = \"pkcs11\"\n" + keys};
    const auto placed = parse_with_places(std::span(&source, 1), fake_accounts());
    if (!placed) return {"refused: " + to_string(placed.error().front())};
    std::vector<std::string> texts;
    for (const Problem& each : problems_of_surroundings(placed->settings, placed->places, "here"))
      texts.push_back(to_string(each));
    return texts;
  }

  testing::TemporaryDirectory directory_;
  fs::path pin_;
  fs::path module_;
};

TEST_F(Surroundings, ThatFitAreNotTalkedAbout) {
  EXPECT_THAT(problems(uri(module_) + pin(pin_)), IsEmpty());
  EXPECT_THAT(problems(fmt::format("module = \"{}\"\nserial = \"1\"\n", module_.string()) +
                       pin(pin_) + fmt::format("paths = [\"{}\"]\n", directory_.path())),
              IsEmpty());
}

TEST_F(Surroundings, AModuleThatCannotBeLoadedIsAProblem) {
  const auto problem_of = [&](const fs::path& module, std::string_view why) {
    EXPECT_THAT(problems(uri(module) + pin(pin_)),
                ElementsAre(fmt::format("here:3:7: module '{}' {}", module.string(), why)));
  };
  problem_of(directory_ / "none.so", "cannot be opened: No such file or directory");
  problem_of(directory_ / "", "is not a regular file");
  problem_of(write("text", "#!/bin/sh"), "is no shared library");
  problem_of(write("program", module_text(ET_EXEC)), "is no shared library");
  problem_of(write("libz.so", module_text().substr(0, 4096)),
             "is no PKCS#11 module: it has no C_GetFunctionList");
  std::string other = module_text();
  other[EI_NIDENT + sizeof(Elf64_Half)] = static_cast<char>(EM_S390);
  problem_of(write("other", other), "is for another kind of machine");
}

TEST_F(Surroundings, AModuleThatOthersMayWriteIsWarnedOf) {
  ASSERT_EQ(::chmod(module_.c_str(), 0666), 0);
  EXPECT_THAT(
      problems(uri(module_) + pin(pin_)),
      ElementsAre(fmt::format("here:3:7: warning: module '{}' has the mode 0666: others can "
                              "have the service run anything",
                              module_.string())));
}

TEST_F(Surroundings, APinThatIsUnfitIsAProblemWhereItStands) {
  const fs::path empty = write("empty", "");
  EXPECT_THAT(problems(uri(module_) + pin(empty)),
              ElementsAre(fmt::format("here:4:7: 'pin' of provider 'pkcs11': secret file '{}': is "
                                      "empty",
                                      empty.string())));
  ASSERT_EQ(::chmod(empty.c_str(), 0644), 0);
  std::ofstream(empty) << "1234";
  const std::string in_uri =
      fmt::format("uri = \"pkcs11:token=keys?module-path={}&pin-source={}\"\n", module_.string(),
                  empty.string());
  EXPECT_THAT(problems(in_uri), ElementsAre(fmt::format(
                                    "here:3:7: 'pin' of provider 'pkcs11': secret file '{}': mode "
                                    "0644 lets others in, want 0600",
                                    empty.string())));
}

TEST_F(Surroundings, WhatIsPerhapsNotMeantIsWarnedOf) {
  EXPECT_THAT(problems(uri(module_, "library-manufacturer=x") + pin(pin_)),
              ElementsAre("here:3:7: warning: no label, serial number or slot says which token is "
                          "meant: it is the only one that the module shows at first use"));
  EXPECT_THAT(problems(uri(module_)),
              ElementsAre("here:2:8: warning: 'pin' of provider 'pkcs11' is missing: only a token "
                          "with a keypad of its own goes without"));
  EXPECT_THAT(problems(uri(module_) + pin(pin_) + "isolation = \"none\"\n"),
              ElementsAre("here:5:13: warning: the module runs in the service's own process, and "
                          "reaches all that it has"));
  EXPECT_THAT(
      problems(uri(module_) + pin(pin_) + "isolation = \"none\"\nenvironment = [\"A=B\"]\n"),
      Contains("here:6:15: with isolation = \"none\" the module has the service's own "
               "environment: set it there"));
  EXPECT_THAT(problems(uri(module_) + pin(pin_) + "paths = [\"/nonexistent/a\"]\n"),
              ElementsAre("here:5:10: warning: '/nonexistent/a' does not exist; the module's "
                          "processes reach it if it is there when they start"));
}

TEST_F(Surroundings, DoubtModulesThatP11KitDoesNotSeemToKnow) {
  const auto named = [&](const std::string& name) {
    return problems(fmt::format("uri = \"pkcs11:token=keys?module-name={}\"\n", name) + pin(pin_));
  };
  const fs::path known = "/usr/share/p11-kit/modules";
  const bool has_modules = fs::exists(known) || fs::exists("/etc/pkcs11/modules");
  const std::vector<std::string> doubt = {
      "here:3:7: warning: p11-kit may not know the module 'no-such-module': there is no "
      "'no-such-module.module' in '/etc/pkcs11/modules' or '/usr/share/p11-kit/modules'"};
  EXPECT_EQ(named("no-such-module"), has_modules ? doubt : std::vector<std::string>());
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(known, error))
    if (entry.path().extension() == ".module") {
      EXPECT_THAT(named(entry.path().stem().string()), IsEmpty());
    }
}

TEST_F(Surroundings, DoubtVariablesThatNameWhatIsNotThere) {
  const std::string there =
      fmt::format("environment = [\"SOFTHSM2_CONF={}\", \"A=b\", ", pin_.string());
  EXPECT_THAT(problems(uri(module_) + pin(pin_) + there + "\"B_CONF=/nonexistent/b\"]\n"),
              ElementsAre(::testing::EndsWith(
                  "warning: 'B_CONF' names '/nonexistent/b', which does not exist")));
}

TEST_F(Surroundings, DoubtSecretsThatOthersMayRead) {
  EXPECT_THAT(problems(uri(module_) + "pin = \"value:1234\"\n[service]\nstrict = false\n"),
              ElementsAre("here:4:7: warning: 'pin' of provider 'pkcs11' is in the configuration, "
                          "where others may read it"));
}

TEST(Examination, TellsOfWhatIsWrongInTheFilesAlone) {
  testing::TemporaryDirectory directory;
  const fs::path file = directory / "strongroom.toml";
  std::ofstream(file) << "[log]\nlevel = \"loud\"\n[[provider]]\ntype = \"pkcs11\"\n";
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  const Problems problems = examine(file, fake_accounts());
  ASSERT_FALSE(problems.empty());
  EXPECT_FALSE(are_warnings(problems));
  EXPECT_EQ(problems.front().where.line, 2U);
}

}  // namespace
}  // namespace strongroom::config
