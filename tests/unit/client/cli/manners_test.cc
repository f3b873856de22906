// How the command line treats those who type: suggestions, help, colour, patience.
#include <cstdlib>

#include "tests/unit/client/cli/command_fixture.h"

namespace strongroom::cli::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr psa::KeyAttributes kEcc = {
    .type = {psa::KeyType::Kind::EccKeyPair, psa::EccFamily::SecpR1},
    .bits = 256,
    .usage = {.sign_hash = true},
    .algorithm = psa::AsymmetricSignature{psa::AsymmetricSignature::Kind::Ecdsa, psa::Hash::Sha256},
};
constexpr psa::KeyAttributes kAes = {
    .type = {psa::KeyType::Kind::Aes, std::nullopt},
    .bits = 256,
    .usage = {.encrypt = true},
    .algorithm = psa::Aead{psa::Aead::Kind::Gcm, std::nullopt},
};

class Manners : public CommandTest {
 protected:
  Manners() {
    keys_["web"] = kEcc;
    keys_["data"] = kAes;
  }
};

TEST_F(Manners, NearestWordIsSuggested) {
  answers_[Opcode::PsaDestroyKey] = [](const Request& request) {
    return refusal(request, Status::PsaErrorDoesNotExist);
  };
  const std::vector<std::pair<std::vector<std::string>, std::string>> kSlips = {
      {{"pnig"}, "no command 'pnig'; did you mean 'ping'?"},
      {{"key", "lits"}, "no command 'key lits'; did you mean 'key list'?"},
      {{"ping", "--jsno"}, "there is no option '--jsno'; did you mean '--json'?"},
      {{"key", "show", "wbe"}, "did you mean 'web'?"},
      {{"key", "delete", "daat"}, "did you mean 'data'?"},
  };
  for (const auto& [tokens, words] : kSlips) {
    EXPECT_NE(run(tokens), ExitCode::Ok);
    EXPECT_THAT(err_, HasSubstr(words));
  }
}

TEST_F(Manners, HelpCommandSaysTheSameAsTheOption) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{}, {"key"}, {"key", "generate"}, {"sign"}}) {
    std::vector<std::string> tokens = words;
    tokens.emplace_back("--help");
    EXPECT_EQ(run(tokens), ExitCode::Ok);
    std::string help = out_;
    tokens = words;
    tokens.insert(tokens.begin(), "help");
    EXPECT_EQ(run(tokens), ExitCode::Ok);
    EXPECT_EQ(out_, help);
  }
}

TEST_F(Manners, HelpOfAGroupListsItsCommandsAlone) {
  EXPECT_EQ(run({"key", "--help"}), ExitCode::Ok);
  EXPECT_THAT(out_, AllOf(HasSubstr("key generate"), Not(HasSubstr("verify"))));
}

TEST_F(Manners, KeysAreSortedByNameUnlessSaidOtherwise) {
  keys_["aes"] = kAes;
  EXPECT_EQ(run({"key", "list", "--names"}), ExitCode::Ok);
  EXPECT_EQ(out_, "aes\ndata\nweb\n");
  EXPECT_EQ(run({"key", "list", "--names", "--sort", "algorithm"}), ExitCode::Ok);
  EXPECT_EQ(out_, "aes\ndata\nweb\n");
  keys_["aes"] = kEcc;
  EXPECT_EQ(run({"key", "list", "--names", "--sort", "type"}), ExitCode::Ok);
  EXPECT_EQ(out_, "data\naes\nweb\n");
}

TEST_F(Manners, ColourIsForTerminalsUnlessSaidOtherwise) {
  ::unsetenv("NO_COLOR");
  ::setenv("TERM", "xterm", 1);
  EXPECT_EQ(run({"key", "list"}), ExitCode::Ok);
  EXPECT_THAT(out_, Not(HasSubstr("\x1b[")));
  EXPECT_EQ(run({"key", "list", "--color=always"}), ExitCode::Ok);
  EXPECT_THAT(out_, HasSubstr("\x1b["));
  is_at_a_terminal_ = true;
  EXPECT_EQ(run({"key", "list"}), ExitCode::Ok);
  EXPECT_THAT(out_, HasSubstr("\x1b["));
  EXPECT_EQ(run({"key", "list", "--color", "never"}), ExitCode::Ok);
  EXPECT_THAT(out_, Not(HasSubstr("\x1b[")));
}

TEST_F(Manners, TooLittleTimeIsNoAnswer) {
  UniqueFd silent = strongroom::testing::listen_at(directory_ / "silent.sock");
  EXPECT_EQ(run_at(directory_ / "silent.sock", {"ping", "--timeout", "0.05"}),
            ExitCode::ServiceFailure);
  EXPECT_THAT(err_, AllOf(HasSubstr("timed out"), HasSubstr("--timeout SECONDS waits longer")));
}

TEST_F(Manners, SocketThatNobodyListensOnIsDiagnosed) {
  std::ignore = strongroom::testing::listen_at(directory_ / "stale.sock");
  EXPECT_EQ(run_at(directory_ / "stale.sock", {"ping"}), ExitCode::CannotConnect);
  EXPECT_THAT(err_, HasSubstr("nobody listens"));
  EXPECT_THAT(err_, HasSubstr("'systemctl status strongroom'"));
}

}  // namespace
}  // namespace strongroom::cli::testing
