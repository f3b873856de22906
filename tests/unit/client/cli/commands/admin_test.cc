// Commands for administrators.
#include "control_provider.pb.h"
#include "delete_client.pb.h"
#include "list_clients.pb.h"
#include "reload.pb.h"
#include "status.pb.h"
#include "store_check.pb.h"
#include "tests/unit/client/cli/command_fixture.h"

namespace strongroom::cli::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class AdminCommands : public CommandTest {
 protected:
  AdminCommands() {
    answers_[Opcode::Status] = [this](const Request& request) {
      return success_with(request, status_);
    };
    answers_[Opcode::Reload] = [this](const Request& request) {
      return success_with(request, reload_);
    };
    answers_[Opcode::ControlProvider] = [this](const Request& request) {
      asked_ = body_of<control_provider::Operation>(request);
      return success_with(request, controlled_);
    };
    answers_[Opcode::StoreCheck] = [this](const Request& request) {
      store_check::Result result = check_;
      const auto operation = body_of<store_check::Operation>(request);
      result.set_is_accepted(operation.accept());
      if (operation.repair_size() != 0)
        repaired_.assign(operation.repair().begin(), operation.repair().end());
      return success_with(request, result);
    };
    answers_[Opcode::ListClients] = [this](const Request& request) {
      list_clients::Result result;
      for (const std::string& client : clients_)
        result.add_clients(client);
      return success_with(request, result);
    };
    answers_[Opcode::DeleteClient] = [this](const Request& request) {
      std::erase(clients_, body_of<delete_client::Operation>(request).client());
      return success(request);
    };
  }

  void find(store_check::Kind kind, std::string_view text, std::string_view subject = {}) {
    store_check::Finding& finding = *check_.add_findings();
    finding.set_kind(kind);
    finding.set_text(std::string(text));
    finding.set_subject(std::string(subject));
  }

  status::Result status_;
  reload::Result reload_;
  control_provider::Operation asked_;
  control_provider::Result controlled_;
  store_check::Result check_;
  std::vector<std::string> repaired_;  // what was last asked to be
  std::vector<std::string> clients_ = {"0", "4294900000", "bob\x1b"};
};

TEST_F(AdminCommands, StatusOfAHealthyService) {
  status_.set_version("1.2.3");
  status_.set_started_at(1'700'000'000);
  status_.set_uptime_s(100'000);
  status_.mutable_configuration()->set_generation(2);
  status_.add_lanes()->set_name("software");
  EXPECT_EQ(run({"status"}), ExitCode::Ok);
  EXPECT_THAT(out_, AllOf(HasSubstr("1.2.3"), HasSubstr("1 d 3 h, since 2023-11-14T22:13:20Z"),
                          HasSubstr("generation 2"), HasSubstr("none since the start"),
                          HasSubstr("healthy"), HasSubstr("\nsoftware  ")));
  EXPECT_EQ(run({"status", "--json"}), ExitCode::Ok);
  EXPECT_THAT(out_, AllOf(HasSubstr("\"degraded\": false"), HasSubstr("\"last_reload\": null"),
                          HasSubstr("\"uptime_seconds\": 100000")));
}

TEST_F(AdminCommands, StatusOfADegradedServiceIsToldAndExitsWithItsClass) {
  status_.mutable_store()->set_is_degraded(true);
  status_.mutable_store()->set_reason("3 records do not verify");
  status_.mutable_configuration()->set_last_reload(status::REFUSED);
  status_.mutable_configuration()->set_last_reload_message("line\n3");
  EXPECT_EQ(run({"status"}), ExitCode::Degraded);
  EXPECT_THAT(out_, AllOf(HasSubstr("degraded: 3 records do not verify"),
                          HasSubstr("refused at 1970-01-01T00:00:00Z: line\\x0a3")));
  EXPECT_THAT(err_, AllOf(HasSubstr("the service is degraded"), HasSubstr("strongroom fsck")));
  EXPECT_EQ(run({"status", "--json"}), ExitCode::Degraded);
  EXPECT_THAT(out_, HasSubstr("\"degraded\": true"));
}

TEST_F(AdminCommands, StatusOfAServiceWithoutOneOfItsProvidersIsDegraded) {
  status::Provider& provider = *status_.add_providers();
  provider.set_id(3);
  provider.set_name("tpm");
  provider.set_state(status::UP);
  EXPECT_EQ(run({"status"}), ExitCode::Ok);
  provider.set_state(status::DOWN);
  provider.set_since(1'700'000'000);
  provider.set_reason("no\nanswer");
  EXPECT_EQ(run({"status"}), ExitCode::Degraded);
  EXPECT_THAT(out_, HasSubstr("down since 2023-11-14T22:13:20Z: no\\x0aanswer"));
  EXPECT_THAT(err_, AllOf(HasSubstr("provider 'tpm' is down"), HasSubstr("again by itself")));
  EXPECT_EQ(run({"status", "--json"}), ExitCode::Degraded);
  EXPECT_THAT(out_, AllOf(HasSubstr("\"degraded\": true"), HasSubstr("\"state\": \"down\"")));
}

TEST_F(AdminCommands, ProviderUnlockAndAcceptRootTellWhatCameOfIt) {
  controlled_.set_is_done(true);
  controlled_.set_message("it serves");
  EXPECT_EQ(run({"provider", "unlock", "tpm"}), ExitCode::Ok);
  EXPECT_EQ(asked_.provider(), "tpm");
  EXPECT_EQ(asked_.action(), control_provider::UNLOCK);
  EXPECT_THAT(out_, HasSubstr("it serves"));
  EXPECT_EQ(run({"provider", "accept-root", "tpm", "--yes"}), ExitCode::Ok);
  EXPECT_EQ(asked_.action(), control_provider::ACCEPT_ROOT);
  controlled_.set_is_done(false);
  controlled_.set_message("no answer");
  EXPECT_EQ(run({"provider", "unlock", "tpm"}), ExitCode::ServiceFailure);
  EXPECT_THAT(out_, IsEmpty());
  EXPECT_THAT(err_, HasSubstr("unlocking provider 'tpm': no answer"));
}

TEST_F(AdminCommands, ProvidersAreMeantByNameTypeOrNumber) {
  status::Provider& provider = *status_.add_providers();
  provider.set_id(2);
  provider.set_name("vault");
  for (const char* word : {"vault", "pkcs11", "2"}) {
    std::ignore = run({"provider", "unlock", word});
    EXPECT_EQ(asked_.provider(), "vault") << word;
  }
  for (const char* word : {"3", "volt"}) {
    std::ignore = run({"provider", "unlock", word});
    EXPECT_EQ(asked_.provider(), word);
  }
}

TEST_F(AdminCommands, ReloadTellsWhatCameOfIt) {
  reload_.set_outcome(reload::APPLIED);
  reload_.set_generation(3);
  reload_.set_message("changed limits");
  EXPECT_EQ(run({"admin", "reload"}), ExitCode::Ok);
  EXPECT_EQ(out_, "outcome:    applied\ngeneration: 3\nmessage:    changed limits\n");
  reload_.set_outcome(reload::REFUSED);
  EXPECT_EQ(run({"admin", "reload"}), ExitCode::Other);
  EXPECT_THAT(out_, IsEmpty());
  EXPECT_THAT(err_, AllOf(HasSubstr("refused: changed limits"), HasSubstr("goes on as it was"),
                          HasSubstr("'systemctl restart strongroom'")));
  EXPECT_EQ(run({"admin", "reload", "--json"}), ExitCode::Other);
  EXPECT_THAT(out_, HasSubstr("\"outcome\": \"refused\""));
}

TEST_F(AdminCommands, CleanStoreIsOk) {
  check_.set_records(7);
  check_.set_verified(7);
  EXPECT_EQ(run({"fsck"}), ExitCode::Ok);
  EXPECT_EQ(out_, "7 records, 7 verified, 0 findings\n");
}

TEST_F(AdminCommands, DamagedStoreIsDegradedUntilAccepted) {
  find(store_check::HEAD_DIFFERS, "a row is missing");
  find(store_check::UNREADABLE, "row 7\x1b: it is none");
  check_.set_left_out(3);
  EXPECT_EQ(run({"fsck"}), ExitCode::Degraded);
  EXPECT_EQ(out_,
            "head-differs: a row is missing\n"
            "unreadable: row 7\\x1b: it is none\n"
            "… and 3 more findings\n"
            "0 records, 0 verified, 5 findings\n");
  EXPECT_THAT(err_, AllOf(HasSubstr("--accept"), HasSubstr("strongroomd --fsck")));
  EXPECT_EQ(run({"fsck", "--accept", "--yes"}), ExitCode::Ok);
  EXPECT_THAT(out_, HasSubstr("5 findings, accepted\n"));
}

TEST_F(AdminCommands, WhatIsUnfinishedOrWasAcceptedIsNoDamage) {
  find(store_check::PENDING, "key 'x'");
  find(store_check::UNREADABLE, "key 'y'");
  EXPECT_EQ(run({"fsck"}), ExitCode::Ok);
  EXPECT_EQ(run({"fsck", "--json"}), ExitCode::Ok);
  EXPECT_EQ(out_,
            "{\"records\": 0, \"verified\": 0, \"findings\": [{\"kind\": \"pending\", \"text\": "
            "\"key 'x'\"}, {\"kind\": \"unreadable\", \"text\": \"key 'y'\"}], "
            "\"findings_left_out\": 0, \"accepted\": false, \"repaired\": 0, \"repairs\": []}\n");
}

TEST_F(AdminCommands, OrphansAreRepairedOneByOne) {
  find(store_check::ORPHAN_OBJECT, "provider 'token': an object of no key", "object:1");
  find(store_check::OBJECT_MISSING, "key 'x'", "record:2");
  find(store_check::NOT_COMPARED, "provider 'other' is down");
  is_at_a_terminal_ = true;
  EXPECT_EQ(run({"fsck", "--repair"}, "y\nyes\n"), ExitCode::Degraded);
  EXPECT_THAT(err_,
              AllOf(HasSubstr("The object will be destroyed, and nothing brings the key back."),
                    HasSubstr("put back from a backup"),
                    HasSubstr("It stays as it is: the answer was not 'yes'."),
                    HasSubstr("The key will be removed from the store")));
  EXPECT_THAT(repaired_, ElementsAre("record:2"));
  EXPECT_EQ(run({"fsck", "--repair"}, "no\nno\n"), ExitCode::Degraded);
  EXPECT_THAT(repaired_, ElementsAre("record:2"));
  is_at_a_terminal_ = false;
  EXPECT_EQ(run({"fsck", "--repair"}), ExitCode::Usage);
  EXPECT_EQ(run({"fsck", "--repair", "--yes"}), ExitCode::Degraded);
  EXPECT_THAT(repaired_, ElementsAre("object:1", "record:2"));
  EXPECT_EQ(run({"fsck", "--repair", "--accept"}), ExitCode::Usage);
}

TEST_F(AdminCommands, WhatWasRepairedIsTold) {
  find(store_check::ORPHAN_OBJECT, "an object of no key: CKA_ID 12", "object:1");
  for (const auto& [kind, text] : {std::pair(store_check::ORPHAN_OBJECT, "CKA_ID 12\x1b"),
                                   std::pair(store_check::OBJECT_MISSING, "key 'x'")}) {
    store_check::Finding& repair = *check_.add_repairs();
    repair.set_kind(kind);
    repair.set_text(text);
  }
  check_.set_repaired(2);
  std::ignore = run({"fsck", "--repair", "--yes"});
  EXPECT_THAT(out_, AllOf(HasSubstr("destroyed: CKA_ID 12\\x1b\n"),
                          HasSubstr("removed from the store: key 'x'\n"),
                          HasSubstr("1 finding, 2 repaired\n")));
  std::ignore = run({"fsck", "--repair", "--yes", "--json"});
  EXPECT_THAT(out_, HasSubstr("\"repairs\": [{\"kind\": \"orphan-object\", \"text\": \"CKA_ID 12"));
}

TEST_F(AdminCommands, NothingIsToBeRepairedBeforeAllIsCompared) {
  find(store_check::OBJECT_MISSING, "key 'x'", "record:2");
  EXPECT_EQ(run({"fsck"}), ExitCode::Degraded);
  EXPECT_THAT(err_, HasSubstr("strongroom fsck --repair"));
  EXPECT_THAT(out_, HasSubstr("1 finding\n"));
  find(store_check::ORPHAN_OBJECT, "provider 'token': an object of no key", "object:1");
  EXPECT_EQ(run({"fsck"}), ExitCode::Degraded);
  EXPECT_THAT(err_, AllOf(HasSubstr("the keys made since"), HasSubstr("--repair")));
  find(store_check::NOT_COMPARED, "provider 'other' is down");
  EXPECT_EQ(run({"fsck"}), ExitCode::Degraded);
  EXPECT_THAT(err_, AllOf(HasSubstr("strongroom status"), Not(HasSubstr("--repair"))));
}

TEST_F(AdminCommands, WhatWasNotComparedIsNoDisagreement) {
  find(store_check::NOT_COMPARED, "provider 'other' is down");
  EXPECT_EQ(run({"fsck"}), ExitCode::Degraded);
  EXPECT_THAT(err_, AllOf(HasSubstr("not compared with all"), Not(HasSubstr("do not agree"))));
  find(store_check::ORPHAN_OBJECT, "provider 'token': an object of no key", "object:1");
  EXPECT_EQ(run({"fsck"}), ExitCode::Degraded);
  EXPECT_THAT(err_, HasSubstr("do not agree"));
}

TEST_F(AdminCommands, AProviderThatIsNotConfiguredIsDownSinceNoTimeInParticular) {
  status::Provider& provider = *status_.add_providers();
  provider.set_name("gone");
  provider.set_state(status::DOWN);
  provider.set_reason("not configured");
  EXPECT_EQ(run({"status"}), ExitCode::Degraded);
  EXPECT_THAT(out_, HasSubstr("down: not configured"));
  EXPECT_THAT(err_, AllOf(HasSubstr("has a provider of that name"), Not(HasSubstr("by itself"))));
}

TEST_F(AdminCommands, WhatIsLeftToDoInADeviceIsTold) {
  status::Provider& provider = *status_.add_providers();
  provider.set_name("token");
  provider.set_state(status::UP);
  provider.set_unfinished_keys(1);
  EXPECT_EQ(run({"status"}), ExitCode::Ok);
  EXPECT_THAT(out_, HasSubstr("up; of 1 key the objects are still to be destroyed"));
  provider.set_unfinished_keys(3);
  EXPECT_EQ(run({"status"}), ExitCode::Ok);
  EXPECT_THAT(out_, HasSubstr("up; of 3 keys the objects are still to be destroyed"));
  EXPECT_EQ(run({"status", "--json"}), ExitCode::Ok);
  EXPECT_THAT(out_, HasSubstr("\"unfinished_keys\": 3"));
}

TEST_F(AdminCommands, ClientsAreListedWithTheirUsers) {
  EXPECT_EQ(run({"admin", "clients"}), ExitCode::Ok);
  EXPECT_EQ(out_,
            "CLIENT      USER\n"
            "0           root\n"
            "4294900000  -\n"
            "bob\\x1b     -\n");
}

TEST_F(AdminCommands, WhatCannotBeUndoneIsAskedOnATerminal) {
  is_at_a_terminal_ = true;
  EXPECT_EQ(run({"admin", "delete-client", "0"}, "no\n"), ExitCode::Other);
  EXPECT_THAT(err_, AllOf(HasSubstr("All keys of client '0' (user root) will be destroyed"),
                          HasSubstr("nothing was changed")));
  EXPECT_EQ(run({"admin", "delete-client", "0"}, ""), ExitCode::Other);
  EXPECT_EQ(clients_.size(), 3U);
  EXPECT_EQ(run({"admin", "delete-client", "0"}, "yes\n"), ExitCode::Ok);
  EXPECT_EQ(clients_.size(), 2U);
}

TEST_F(AdminCommands, WhereNobodyCanBeAskedItMustBeSaid) {
  EXPECT_EQ(run({"admin", "delete-client", "0"}, "yes\n"), ExitCode::Usage);
  EXPECT_THAT(err_, HasSubstr("--yes"));
  EXPECT_EQ(clients_.size(), 3U);
  EXPECT_EQ(run({"admin", "delete-client", "0", "--yes"}), ExitCode::Ok);
  EXPECT_EQ(clients_.size(), 2U);
  EXPECT_EQ(run({"fsck", "--accept"}), ExitCode::Usage);
}

TEST_F(AdminCommands, ClientThatIsNotThereIsNotDeleted) {
  EXPECT_EQ(run({"admin", "delete-client", "4294900001", "--yes"}), ExitCode::DoesNotExist);
  EXPECT_THAT(err_, HasSubstr("did you mean '4294900000'?"));
}

TEST_F(AdminCommands, KeysThatAreLeftAreTold) {
  answers_[Opcode::DeleteClient] = [](const Request& request) { return success(request); };
  EXPECT_EQ(run({"admin", "delete-client", "0", "--yes"}), ExitCode::ServiceFailure);
  EXPECT_THAT(err_, HasSubstr("some keys could not be destroyed"));
}

TEST_F(AdminCommands, WhoIsNoAdministratorLearnsWhere) {
  for (Opcode opcode : {Opcode::Status, Opcode::Reload, Opcode::StoreCheck, Opcode::ListClients})
    answers_[opcode] = [](const Request& request) {
      return refusal(request, Status::AdminOperation);
    };
  for (const std::vector<std::string>& tokens : std::vector<std::vector<std::string>>{
           {"status"}, {"fsck"}, {"admin", "reload"}, {"admin", "clients"}}) {
    EXPECT_EQ(run(tokens), ExitCode::NotPermitted);
    EXPECT_THAT(err_,
                AllOf(HasSubstr("/run/strongroom/admin.sock"), HasSubstr("strongroom-admin")));
  }
}

TEST_F(AdminCommands, ConfigurationIsCheckedWithoutTheService) {
  // Without the groups of the defaults, which a machine may not have.
  const std::string plain =
      "[[socket]]\npath = \"/run/s/s.sock\"\ngroup = 0\n[admin]\ngroups = []\n";
  std::string file = write_file("strongroom.toml", "[service]\nstict = true\n" + plain);
  EXPECT_EQ(run({"config", "check", file}), ExitCode::InvalidData);
  EXPECT_THAT(err_, AllOf(HasSubstr(file + ":2:1: unknown key 'stict'"), HasSubstr("'strict'"),
                          HasSubstr("checking the configuration: 1 problem\n")));
  EXPECT_EQ(run({"config", "check", file, "--json"}), ExitCode::InvalidData);
  EXPECT_THAT(out_, AllOf(HasSubstr("\"valid\": false"), HasSubstr("\"line\": 2, \"column\": 1")));
  EXPECT_EQ(run({"config", "check", write_file("good.toml", plain)}), ExitCode::Ok) << err_;
  EXPECT_EQ(out_, "no problem found\n");
  EXPECT_THAT(requests(), IsEmpty());
}

}  // namespace
}  // namespace strongroom::cli::testing
