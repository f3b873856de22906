// How the command line treats those who type: suggestions, help, colour, patience.
#include <cstdlib>

#include "client/cli/command.h"
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

TEST_F(Manners, DeletionIsAskedOnATerminalAndGoesOnInAScript) {
  std::size_t deleted = 0;
  answers_[Opcode::PsaDestroyKey] = [&deleted](const Request& request) {
    ++deleted;
    return success(request);
  };
  is_at_a_terminal_ = true;
  EXPECT_EQ(run({"key", "delete", "web"}, "no\n"), ExitCode::Other);
  EXPECT_THAT(err_, AllOf(HasSubstr("Key 'web' will be destroyed; it cannot be brought back."),
                          HasSubstr("nothing was changed")));
  EXPECT_EQ(deleted, 0U);
  EXPECT_EQ(run({"key", "delete", "web"}, "yes\n"), ExitCode::Ok);
  EXPECT_EQ(run({"key", "delete", "web", "--yes"}), ExitCode::Ok);
  is_at_a_terminal_ = false;
  EXPECT_EQ(run({"key", "delete", "web"}), ExitCode::Ok);
  EXPECT_EQ(deleted, 3U);
}

TEST_F(Manners, DeletionThatADeviceHasStillToFinishIsNoneThatFailed) {
  Status status{};
  bool is_forgotten = true;
  answers_[Opcode::PsaDestroyKey] = [&](const Request& request) {
    if (is_forgotten) keys_.erase("web");
    return refusal(request, status);
  };
  const psa::KeyAttributes web = keys_.at("web");
  const auto delete_with = [&](Status answer) {
    keys_["web"] = web;
    status = answer;
    return run({"key", "delete", "web"});
  };
  EXPECT_EQ(delete_with(Status::PsaErrorHardwareFailure), ExitCode::ServiceFailure);
  EXPECT_THAT(err_, AllOf(HasSubstr("deleting key 'web': it is deleted; its device does not serve "
                                    "now, and destroys it once it does"),
                          HasSubstr("its name is free"), Not(HasSubstr("failed"))));
  EXPECT_EQ(delete_with(Status::PsaErrorDoesNotExist), ExitCode::DoesNotExist);
  EXPECT_THAT(err_, HasSubstr("it is deleted; its device did not have it any more"));
  is_forgotten = false;
  EXPECT_EQ(delete_with(Status::PsaErrorHardwareFailure), ExitCode::ServiceFailure);
  EXPECT_THAT(err_, AllOf(HasSubstr("the device failed"), Not(HasSubstr("it is deleted"))));
}

TEST_F(Manners, AListedKeyThatItsDeviceHasLostIsNotSaidToBeUnknown) {
  answers_[Opcode::PsaExportPublicKey] = [](const Request& request) {
    return refusal(request, Status::PsaErrorDoesNotExist);
  };
  EXPECT_EQ(run({"key", "export-public", "web"}), ExitCode::DoesNotExist);
  EXPECT_THAT(err_, AllOf(HasSubstr("its device does not have the key any more"),
                          HasSubstr("strongroom fsck"), Not(HasSubstr("there is no such key"))));
}

TEST_F(Manners, HelpSaysWhichSocketACommandUses) {
  for (const Command* command : commands()) {
    std::vector<std::string> tokens = {"help"};
    std::size_t space = command->words.find(' ');
    tokens.emplace_back(command->words.substr(0, space));
    if (space != std::string_view::npos) tokens.emplace_back(command->words.substr(space + 1));
    EXPECT_EQ(run(tokens), ExitCode::Ok);
    bool is_admin = command->audience == Audience::Administrators;
    EXPECT_EQ(out_.find("For administrators") != std::string::npos, is_admin) << command->words;
    EXPECT_EQ(out_.find("$STRONGROOM_ADMIN_ENDPOINT") != std::string::npos, is_admin);
    EXPECT_EQ(out_.find("$STRONGROOM_SERVICE_ENDPOINT") != std::string::npos, !is_admin);
  }
}

TEST_F(Manners, AdministratorsCommandsTakeTheirOwnEndpointFromTheEnvironment) {
  std::string nowhere = directory_ / "nowhere";
  ::setenv("STRONGROOM_SERVICE_ENDPOINT", (directory_ / "applications").c_str(), 1);
  ::setenv("STRONGROOM_ADMIN_ENDPOINT", (directory_ / "administrators").c_str(), 1);
  EXPECT_EQ(run_as_is({"status", "--insecure-socket"}), ExitCode::CannotConnect);
  EXPECT_THAT(err_, HasSubstr(directory_ / "administrators"));
  EXPECT_EQ(run_as_is({"ping", "--insecure-socket"}), ExitCode::CannotConnect);
  EXPECT_THAT(err_, HasSubstr(directory_ / "applications"));
  EXPECT_EQ(run_at(nowhere, {"status", "--insecure-socket"}), ExitCode::CannotConnect);
  EXPECT_THAT(err_, HasSubstr(nowhere));
  ::unsetenv("STRONGROOM_SERVICE_ENDPOINT");
  ::unsetenv("STRONGROOM_ADMIN_ENDPOINT");
}

TEST_F(Manners, TooLittleTimeIsNoAnswer) {
  UniqueFd silent = strongroom::testing::listen_at(directory_ / "silent.sock");
  EXPECT_EQ(run_at(directory_ / "silent.sock", {"ping", "--timeout", "0.05"}),
            ExitCode::ServiceFailure);
  EXPECT_THAT(err_, AllOf(HasSubstr("timed out"), HasSubstr("--timeout SECONDS waits longer")));
}

TEST_F(Manners, MissingSocketIsToldInTheSameWordsWhetherTrustedOrNot) {
  std::string nowhere = directory_ / "missing/nowhere.sock";
  EXPECT_EQ(run_at(nowhere, {"ping"}), ExitCode::CannotConnect);
  std::string said = err_;
  EXPECT_EQ(run_at(nowhere, {"ping", "--insecure-socket"}), ExitCode::CannotConnect);
  EXPECT_EQ(err_, said);
  EXPECT_THAT(err_, HasSubstr("connecting to '" + nowhere + "': no such socket\n"));
}

TEST_F(Manners, SocketThatNobodyListensOnIsDiagnosed) {
  std::ignore = strongroom::testing::listen_at(directory_ / "stale.sock");
  EXPECT_EQ(run_at(directory_ / "stale.sock", {"ping"}), ExitCode::CannotConnect);
  EXPECT_THAT(err_, HasSubstr("nobody listens"));
  EXPECT_THAT(err_, HasSubstr("'systemctl status strongroom'"));
}

}  // namespace
}  // namespace strongroom::cli::testing
