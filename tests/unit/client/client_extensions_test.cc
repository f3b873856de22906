#include "control_provider.pb.h"
#include "key_info.pb.h"
#include "protocol/psa_codec.h"
#include "psa_cipher_encrypt.pb.h"
#include "psa_mac_verify.pb.h"
#include "reload.pb.h"
#include "status.pb.h"
#include "store_check.pb.h"
#include "strongroom/client.h"
#include "tests/unit/client/client_matchers.h"
#include "tests/unit/client/fake_service.h"

namespace strongroom {
namespace {

using namespace std::chrono_literals;
using testing::FailsFrom;
using testing::FakeService;
using testing::IsOk;
using testing::refusal;
using ::testing::SizeIs;
using testing::success;
using testing::success_with;

constexpr psa::KeyAttributes kAes = {
    .type = {psa::KeyType::Kind::Aes},
    .bits = 256,
    .usage = {.encrypt = true},
    .algorithm = psa::Cipher::Ctr,
};

Client client_of(const FakeService& service) {
  return Client::open(
             {.endpoint = service.socket_path(), .provider = ProviderId::Software, .timeout = 2s})
      .value();
}

template <typename Message>
Message sent_to(const FakeService& service) {
  Message message;
  const Bytes body = service.requests().at(0).body;
  EXPECT_TRUE(message.ParseFromArray(body.data(), static_cast<int>(body.size())));
  return message;
}

TEST(ClientExtensions, ReloadTellsWhatCameOfIt) {
  FakeService service([](const Request& request) {
    ::reload::Result result;
    result.set_outcome(::reload::REFUSED);
    result.set_generation(3);
    result.set_message("needs restart");
    return success_with(request, result);
  });
  ClientResult<ReloadAnswer> answer = client_of(service).reload();
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->outcome, ReloadReport::Outcome::Refused);
  EXPECT_EQ(answer->generation, 3U);
  EXPECT_EQ(answer->message, "needs restart");
  EXPECT_EQ(service.requests().at(0).header.opcode, 0x8003U);
  EXPECT_EQ(service.requests().at(0).header.provider, 0);
}

TEST(ClientExtensions, StoreCheckIsReadWhole) {
  FakeService service([](const Request& request) {
    ::store_check::Result result;
    result.set_records(9);
    result.set_verified(8);
    result.set_left_out(7);
    result.set_is_accepted(true);
    result.set_repaired(6);
    result.add_repairs()->set_kind(::store_check::ORPHAN_OBJECT);
    result.mutable_repairs(0)->set_text("object");
    for (int kind = 0; kind < 11; ++kind) {
      ::store_check::Finding* finding = result.add_findings();
      finding->set_kind(static_cast<::store_check::Kind>(kind));
      finding->set_text("row");
      finding->set_subject("of it");
    }
    return success_with(request, result);
  });
  ClientResult<StoreCheckAnswer> answer = client_of(service).check_store(StoreAcceptance::Accept);
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->records, 9U);
  EXPECT_EQ(answer->verified, 8U);
  EXPECT_EQ(answer->left_out, 7U);
  EXPECT_TRUE(answer->is_accepted);
  EXPECT_EQ(answer->repaired, 6U);
  ASSERT_THAT(answer->repairs, SizeIs(1));
  EXPECT_EQ(answer->repairs[0].kind, StoreFinding::Kind::OrphanObject);
  EXPECT_EQ(answer->repairs[0].text, "object");
  ASSERT_THAT(answer->findings, SizeIs(11));
  EXPECT_EQ(answer->findings[10].kind, StoreFinding::Kind::OrphanObject);
  EXPECT_EQ(answer->findings[10].subject, "of it");
  EXPECT_EQ(answer->findings[0].kind, StoreFinding::Kind::Unknown);
  EXPECT_EQ(answer->findings[4].kind, StoreFinding::Kind::Unreadable);
  EXPECT_EQ(answer->findings[4].text, "row");
  EXPECT_EQ(service.requests().at(0).header.opcode, 0x8004U);
  EXPECT_TRUE(sent_to<::store_check::Operation>(service).accept());
}

TEST(ClientExtensions, StatusIsReadWhole) {
  FakeService service([](const Request& request) {
    ::status::Result result;
    result.set_version("1.2.3");
    result.set_started_at(1'000);
    result.set_uptime_s(7);
    result.mutable_configuration()->set_generation(2);
    result.mutable_configuration()->set_last_reload(::status::REFUSED);
    result.mutable_configuration()->set_last_reload_message("line 3");
    result.mutable_applications()->set_connections(5);
    result.mutable_administrators()->set_queued_cost_us(11);
    ::status::Lane* lane = result.add_lanes();
    lane->set_name("software");
    lane->set_oldest_wait_ms(13);
    result.mutable_store()->set_is_degraded(true);
    result.mutable_store()->set_reason("a record is missing");
    return success_with(request, result);
  });
  ClientResult<ServiceStatus> status = client_of(service).status();
  ASSERT_THAT(status, IsOk());
  EXPECT_EQ(status->version, "1.2.3");
  EXPECT_EQ(status->started_at, std::chrono::sys_seconds(1'000s));
  EXPECT_EQ(status->uptime, 7s);
  EXPECT_EQ(status->configuration_generation, 2U);
  ASSERT_TRUE(status->last_reload);
  EXPECT_EQ(status->last_reload->outcome, ReloadReport::Outcome::Refused);
  EXPECT_EQ(status->last_reload->message, "line 3");
  EXPECT_EQ(status->applications.connections, 5U);
  EXPECT_EQ(status->administrators.queued_cost, 11us);
  ASSERT_THAT(status->lanes, SizeIs(1));
  EXPECT_EQ(status->lanes[0].name, "software");
  EXPECT_EQ(status->lanes[0].oldest_wait, 13ms);
  EXPECT_TRUE(status->store.is_degraded);
  EXPECT_EQ(status->store.reason, "a record is missing");
}

TEST(ClientExtensions, ProvidersAreReadWhole) {
  FakeService service([](const Request& request) {
    ::status::Result result;
    for (int state = 0; state < 5; ++state) {
      ::status::Provider* provider = result.add_providers();
      provider->set_id(3);
      provider->set_name("tpm");
      provider->set_state(static_cast<::status::ProviderState>(state));
      provider->set_since(1'000);
      provider->set_reason("unplugged");
    }
    return success_with(request, result);
  });
  ClientResult<ServiceStatus> status = client_of(service).status();
  ASSERT_THAT(status, IsOk());
  ASSERT_THAT(status->providers, SizeIs(5));
  using enum ProviderStatus::State;
  EXPECT_EQ(status->providers[0].state, Unknown);
  EXPECT_EQ(status->providers[1].state, Up);
  EXPECT_EQ(status->providers[4].state, Recovering);
  EXPECT_EQ(status->providers[3].id, 3);
  EXPECT_EQ(status->providers[3].name, "tpm");
  EXPECT_EQ(status->providers[3].since, std::chrono::sys_seconds(1'000s));
  EXPECT_EQ(status->providers[3].reason, "unplugged");
}

TEST(ClientExtensions, ProvidersAreControlledByName) {
  FakeService service([](const Request& request) {
    ::control_provider::Result result;
    result.set_is_done(true);
    result.set_message("it serves");
    return success_with(request, result);
  });
  auto answer = client_of(service).control_provider("tpm", ProviderAction::AcceptRoot);
  ASSERT_THAT(answer, IsOk());
  EXPECT_TRUE(answer->is_done);
  EXPECT_EQ(answer->message, "it serves");
  EXPECT_EQ(service.requests().at(0).header.opcode, 0x8010U);
  EXPECT_EQ(service.requests().at(0).header.provider, 0);
  const auto sent = sent_to<::control_provider::Operation>(service);
  EXPECT_EQ(sent.provider(), "tpm");
  EXPECT_EQ(sent.action(), ::control_provider::ACCEPT_ROOT);
}

TEST(ClientExtensions, ServiceThatHasNotReloadedTellsOfNoReload) {
  FakeService service([](const Request& request) { return success(request, ""); });
  ClientResult<ServiceStatus> status = client_of(service).status();
  ASSERT_THAT(status, IsOk());
  EXPECT_FALSE(status->last_reload);
}

TEST(ClientExtensions, DetailsOfAKeyAreReadWhole) {
  FakeService service([](const Request& request) {
    key_info::Result result;
    *result.mutable_attributes() = encode(kAes);
    result.set_created(1'000);
    result.set_provider_id(3);
    result.set_public_key("point");
    result.set_protection(key_info::TPM);
    return success_with(request, result);
  });
  ClientResult<KeyDetails> details = client_of(service).key_info("web");
  ASSERT_THAT(details, IsOk());
  EXPECT_EQ(details->key.name, "web");
  EXPECT_EQ(details->key.provider, ProviderId::Tpm);
  EXPECT_EQ(details->key.attributes, kAes);
  EXPECT_EQ(details->created, std::chrono::sys_seconds(1'000s));
  EXPECT_EQ(text_of(details->public_key), "point");
  EXPECT_EQ(details->protection, Protection::Tpm);
}

TEST(ClientExtensions, DetailsWithoutAttributesAreNoAnswer) {
  FakeService service([](const Request& request) { return success(request, ""); });
  EXPECT_THAT(client_of(service).key_info("web"),
              FailsFrom(ErrorSource::Answer, Status::InvalidEncoding));
}

// What is no operation at all is refused by the core, before the provider counts.
TEST(ClientExtensions, OperationsThatTheServiceDoesNotKnowAreItsRefusal) {
  FakeService service([](const Request& request) {
    Bytes answer = refusal(request, Status::OpcodeDoesNotExist);
    constexpr std::size_t kProvider = 10;
    answer.at(kProvider) = std::byte{0};
    return answer;
  });
  EXPECT_THAT(client_of(service).key_info("web"),
              FailsFrom(ErrorSource::Service, Status::OpcodeDoesNotExist));
}

TEST(ClientOperations, CipherGoesAlongAsItsNumber) {
  FakeService service([](const Request& request) {
    psa_cipher_encrypt::Result result;
    result.set_ciphertext("ciphertext");
    return success_with(request, result);
  });
  ClientResult<Bytes> ciphertext =
      client_of(service).cipher_encrypt("web", psa::Cipher::Ctr, view_of("plaintext"));
  ASSERT_THAT(ciphertext, IsOk());
  EXPECT_EQ(text_of(*ciphertext), "ciphertext");
  auto sent = sent_to<psa_cipher_encrypt::Operation>(service);
  EXPECT_EQ(sent.key_name(), "web");
  EXPECT_EQ(sent.alg(), encode(psa::Cipher::Ctr));
  EXPECT_EQ(sent.plaintext(), "plaintext");
}

TEST(ClientOperations, MacGoesAlongWithItsAlgorithm) {
  const psa::Mac hmac{.kind = psa::Mac::Kind::Hmac, .hash = psa::Hash::Sha256, .truncated_size = 8};
  FakeService service([](const Request& request) { return success(request, ""); });
  ASSERT_THAT(client_of(service).mac_verify("web", hmac, view_of("input"), view_of("mac")), IsOk());
  auto sent = sent_to<psa_mac_verify::Operation>(service);
  ASSERT_THAT(decode(sent.alg()), IsOk());
  EXPECT_EQ(*decode(sent.alg()), hmac);
  EXPECT_EQ(sent.input(), "input");
  EXPECT_EQ(sent.mac(), "mac");
}

}  // namespace
}  // namespace strongroom
