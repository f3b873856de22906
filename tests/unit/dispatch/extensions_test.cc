// Operations that Parsec does not have: what they tell, and to whom.
#include <unistd.h>

#include "control_provider.pb.h"
#include "key_info.pb.h"
#include "reload.pb.h"
#include "service/dispatch/health.h"
#include "status.pb.h"
#include "store_check.pb.h"
#include "tests/support/fake_maintenance.h"
#include "tests/support/fake_reloads.h"
#include "tests/support/service_under_test.h"

namespace strongroom {
namespace {

using namespace std::chrono_literals;
using testing::ecc_pair;
using testing::FakeMaintenance;
using testing::FakeReloads;
using testing::generate_body;
using testing::import_body;
using testing::key_of;
using testing::request_of;
using testing::result_in;
using testing::ServiceOptions;
using testing::ServiceUnderTest;
using testing::valid_body;

class FixedHealth final : public HealthSource {
 public:
  ServiceHealth health() override {
    return {.started_at = std::chrono::sys_seconds(1'700'000'000s),
            .uptime = 60s,
            .is_memory_locked = true,
            .configuration = {.generation = 7,
                              .last_reload = ConfigurationHealth::LastReload::Refused,
                              .last_reload_at = std::chrono::sys_seconds(1'700'000'030s),
                              .last_reload_message = "no such file"},
            .applications = {.held = {.connections = 1, .frames = 2, .bytes = 3, .queued = Cost(4)},
                             .principals = 5,
                             .refused_connections = 6},
            .administrators = {.held = {.connections = 9}},
            .lanes = {{.name = "soft",
                       .queued = 1,
                       .queued_cost = Cost(450),
                       .running = 2,
                       .oldest_wait = 15ms}}};
  }
};

class ServiceStatus : public ::testing::Test {
 protected:
  ServiceStatus() { service_.caller.admin_socket = true; }
  ::status::Result ask() {
    return result_in<::status::Result>(service_.ask(request_of(Opcode::Status, {})));
  }

  ServiceUnderTest service_{{.front_end = {.admin_uids = {::getuid()}, .admin_groups = {}},
                             .health = std::make_shared<FixedHealth>()}};
};

TEST_F(ServiceStatus, TellsHowTheProcessIs) {
  const auto result = ask();
  EXPECT_EQ(result.version(), "1.2.3");
  EXPECT_EQ(result.started_at(), 1'700'000'000U);
  EXPECT_EQ(result.uptime_s(), 60U);
  EXPECT_TRUE(result.memory_is_locked());
  EXPECT_EQ(result.configuration().generation(), 7U);
  EXPECT_EQ(result.configuration().last_reload(), ::status::REFUSED);
  EXPECT_EQ(result.configuration().last_reload_at(), 1'700'000'030U);
  EXPECT_EQ(result.configuration().last_reload_message(), "no such file");
}

TEST_F(ServiceStatus, TellsWhatIsHeldAndWhatWaits) {
  const auto result = ask();
  EXPECT_EQ(result.applications().connections(), 1U);
  EXPECT_EQ(result.applications().frames(), 2U);
  EXPECT_EQ(result.applications().bytes(), 3U);
  EXPECT_EQ(result.applications().queued_cost_us(), 4U);
  EXPECT_EQ(result.applications().principals(), 5U);
  EXPECT_EQ(result.applications().refused_connections(), 6U);
  EXPECT_EQ(result.administrators().connections(), 9U);
  ASSERT_EQ(result.lanes_size(), 1);
  EXPECT_EQ(result.lanes(0).name(), "soft");
  EXPECT_EQ(result.lanes(0).queued(), 1U);
  EXPECT_EQ(result.lanes(0).queued_cost_us(), 450U);
  EXPECT_EQ(result.lanes(0).running(), 2U);
  EXPECT_EQ(result.lanes(0).oldest_wait_ms(), 15U);
}

TEST_F(ServiceStatus, TellsOfAStoreThatIsDegraded) {
  EXPECT_FALSE(ask().store().is_degraded());
  service_.make_key_for(Opcode::PsaSignHash);
  service_.store().make_unreadable(service_.id_of("web"));
  const auto result = ask();
  EXPECT_TRUE(result.store().is_degraded());
  EXPECT_FALSE(result.store().reason().empty());
  EXPECT_EQ(result.store().unreadable_records(), 1U);
}

TEST_F(ServiceStatus, IsForAdministrators) {
  service_.caller.admin_socket = false;
  EXPECT_EQ(service_.status_of(Opcode::Status), Status::AdminOperation);
  service_.caller.admin_socket = true;
  service_.caller.peer.uid += 1;
  Request request = request_of(Opcode::Status, {});
  request.auth = testing::uid_auth(service_.caller.peer.uid);
  EXPECT_EQ(service_.status_of(std::move(request)), Status::AdminOperation);
}

TEST_F(ServiceStatus, IsServedWithoutAskingForExtensionsAndWith) {
  for (std::uint16_t flags : {std::uint16_t{0}, kFlagExtended}) {
    Request request = request_of(Opcode::Status, {});
    request.header.flags = flags;
    EXPECT_EQ(service_.status_of(std::move(request)), Status::Success);
  }
}

class ProviderControl : public ::testing::Test {
 protected:
  ProviderControl() {
    service_.caller.admin_socket = true;
    service_.device().maintained_by = &maintenance_;
  }
  Response ask(std::string_view provider, ::control_provider::Action action) const {
    ::control_provider::Operation operation;
    operation.set_provider(std::string(provider));
    operation.set_action(action);
    return service_.ask(request_of(Opcode::ControlProvider, *serialized(operation)));
  }
  Status status_of(std::string_view provider, ::control_provider::Action action) const {
    return static_cast<Status>(ask(provider, action).header.status);
  }

  FakeMaintenance maintenance_;
  ServiceUnderTest service_{
      {.front_end = {.admin_uids = {::getuid()}, .admin_groups = {}}, .device = true}};
};

TEST_F(ProviderControl, IsAnsweredWithWhatWasDone) {
  const auto done = result_in<::control_provider::Result>(ask("device", control_provider::UNLOCK));
  EXPECT_TRUE(done.is_done());
  EXPECT_EQ(done.message(), "unlocked");
  const auto refused =
      result_in<::control_provider::Result>(ask("device", control_provider::ACCEPT_ROOT));
  EXPECT_FALSE(refused.is_done());
  EXPECT_EQ(refused.message(), "there is none");
}

TEST_F(ProviderControl, IsOfProvidersWithADeviceAndOfKnownActions) {
  using control_provider::UNLOCK;
  EXPECT_EQ(status_of("fake", UNLOCK), Status::PsaErrorNotSupported);
  EXPECT_EQ(status_of("nobody", UNLOCK), Status::PsaErrorDoesNotExist);
  EXPECT_EQ(status_of("device", control_provider::ACTION_NONE), Status::PsaErrorInvalidArgument);
}

TEST_F(ProviderControl, IsForAdministrators) {
  service_.caller.admin_socket = false;
  EXPECT_EQ(status_of("device", control_provider::UNLOCK), Status::AdminOperation);
}

TEST_F(ProviderControl, StatusTellsHowEachProviderIs) {
  const auto result = result_in<::status::Result>(service_.ask(request_of(Opcode::Status, {})));
  ASSERT_EQ(result.providers_size(), 2);
  EXPECT_EQ(result.providers(0).state(), ::status::UP);
  EXPECT_EQ(result.providers(0).since(), 0U);
  EXPECT_EQ(result.providers(1).id(), 3U);
  EXPECT_EQ(result.providers(1).name(), "device");
  EXPECT_EQ(result.providers(1).state(), ::status::DOWN);
  EXPECT_EQ(result.providers(1).since(), 1'700'000'040U);
  EXPECT_EQ(result.providers(1).reason(), "unplugged");
}

class ReloadAsked : public ::testing::Test {
 protected:
  ReloadAsked() { service_.caller.admin_socket = true; }

  std::shared_ptr<FakeReloads> reloads_ = std::make_shared<FakeReloads>();
  ServiceUnderTest service_{
      {.front_end = {.admin_uids = {::getuid()}, .admin_groups = {}}, .reloads = reloads_}};
};

TEST_F(ReloadAsked, IsAnsweredWithWhatCameOfIt) {
  for (bool is_applied : {true, false}) {
    reloads_->is_applied = is_applied;
    const auto result = result_in<::reload::Result>(service_.ask(request_of(Opcode::Reload, {})));
    EXPECT_EQ(result.outcome(), is_applied ? ::reload::APPLIED : ::reload::REFUSED);
    EXPECT_EQ(result.generation(), 4U);
    EXPECT_EQ(result.message(), "what came of it");
  }
}

TEST_F(ReloadAsked, IsNotAnsweredWhenTheServiceStopsFirst) {
  reloads_->drops = true;
  EXPECT_THROW(service_.begin(request_of(Opcode::Reload, {})).get(), std::future_error);
}

TEST_F(ReloadAsked, IsForAdministrators) {
  service_.caller.admin_socket = false;
  EXPECT_EQ(service_.status_of(Opcode::Reload), Status::AdminOperation);
}

TEST(ReloadWithoutAProcess, IsNotSupported) {
  ServiceUnderTest service({.front_end = {.admin_uids = {::getuid()}, .admin_groups = {}}});
  service.caller.admin_socket = true;
  EXPECT_EQ(service.status_of(Opcode::Reload), Status::PsaErrorNotSupported);
}

class StoreChecked : public ::testing::Test {
 protected:
  StoreChecked() {
    service_.caller.admin_socket = true;
    service_.make_key_for(Opcode::PsaSignHash);
    service_.make_key_for(Opcode::PsaSignHash, "mail");
    service_.store().make_unreadable(service_.id_of("web"));
  }

  ::store_check::Result check(bool accept = false) {
    ::store_check::Operation operation;
    operation.set_accept(accept);
    return result_in<::store_check::Result>(
        service_.ask(request_of(Opcode::StoreCheck, *serialized(operation))));
  }

  ServiceUnderTest service_{{.front_end = {.admin_uids = {::getuid()}, .admin_groups = {}}}};
};

TEST_F(StoreChecked, TellsWhatIsNotPlain) {
  const auto result = check();
  EXPECT_EQ(result.records(), 2U);
  EXPECT_EQ(result.verified(), 1U);
  ASSERT_EQ(result.findings_size(), 1);
  EXPECT_EQ(result.findings(0).kind(), ::store_check::UNREADABLE);
  EXPECT_EQ(result.findings(0).text(), "web");
  EXPECT_FALSE(result.is_accepted());
  EXPECT_TRUE(service_.store().health().is_degraded);
}

TEST_F(StoreChecked, TellsNoMoreFindingsThanFitIntoAnAnswer) {
  service_.reload(
      {.front_end = {.admin_uids = {::getuid()}, .admin_groups = {}}, .response_limit = 4096});
  for (int i = 0; i < 9; ++i) {
    const std::string name = fmt::format("{}{}", i, std::string(1000, 'x'));
    service_.make_key_for(Opcode::PsaSignHash, name);
    service_.store().make_unreadable(service_.id_of(name));
  }
  const auto result = check();
  EXPECT_LE(result.ByteSizeLong(), 4096U);
  EXPECT_GE(result.findings_size(), 3);
  EXPECT_EQ(static_cast<std::uint64_t>(result.findings_size()) + result.left_out(), 10U);
  EXPECT_EQ(result.records(), 11U);
}

TEST_F(StoreChecked, AcceptsWhenThatIsAsked) {
  EXPECT_TRUE(check(true).is_accepted());
  EXPECT_FALSE(service_.store().health().is_degraded);
}

TEST_F(StoreChecked, IsForAdministrators) {
  service_.caller.admin_socket = false;
  EXPECT_EQ(service_.status_of(Opcode::StoreCheck), Status::AdminOperation);
}

TEST(KeyInformation, TellsAllButTheSecret) {
  ServiceUnderTest service;
  service.make_key_for(Opcode::PsaSignHash);
  const auto before = std::chrono::system_clock::now();
  auto result = result_in<::key_info::Result>(
      service.ask(request_of(Opcode::KeyInfo, valid_body(Opcode::KeyInfo))));
  EXPECT_EQ(decode(result.attributes())->bits, 256U);
  EXPECT_EQ(result.provider_id(), 1U);
  EXPECT_EQ(result.public_key(), "public");
  EXPECT_EQ(result.protection(), ::key_info::SOFTWARE);
  EXPECT_NEAR(static_cast<double>(result.created()),
              static_cast<double>(std::chrono::system_clock::to_time_t(before)), 5);
}

TEST(KeyInformation, OfASymmetricKeyHasNoPublicPart) {
  ServiceUnderTest service;
  ASSERT_EQ(
      service.status_of(request_of(
          Opcode::PsaImportKey,
          import_body("aes", key_of(psa::KeyType::Kind::Aes, 128, testing::kAesGcm), Bytes(16)))),
      Status::Success);
  auto result = result_in<::key_info::Result>(
      service.ask(request_of(Opcode::KeyInfo, valid_body(Opcode::KeyInfo, "aes"))));
  EXPECT_EQ(result.public_key(), "");
}

TEST(KeyInformation, ComesFromTheKeysProviderAndNamesItsProtection) {
  ServiceUnderTest service({.front_end = {}, .device = true});
  Request generation = request_of(Opcode::PsaGenerateKey, generate_body("web", ecc_pair()));
  generation.header.provider = 3;
  ASSERT_EQ(service.status_of(std::move(generation)), Status::Success);
  Request request = request_of(Opcode::KeyInfo, valid_body(Opcode::KeyInfo));
  EXPECT_EQ(service.status_of(request), Status::PsaErrorDoesNotExist);
  request.header.provider = 3;
  auto result = result_in<::key_info::Result>(service.ask(std::move(request)));
  EXPECT_EQ(result.provider_id(), 3U);
  EXPECT_EQ(result.protection(), ::key_info::TPM);
}

}  // namespace
}  // namespace strongroom
