#include "strongroom/client.h"

#include <cerrno>
#include <chrono>
#include <sys/socket.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "list_authenticators.pb.h"
#include "list_keys.pb.h"
#include "list_opcodes.pb.h"
#include "list_providers.pb.h"
#include "ping.pb.h"
#include "protocol/psa_codec.h"
#include "psa_generate_key.pb.h"
#include "psa_generate_random.pb.h"
#include "psa_raw_key_agreement.pb.h"
#include "psa_sign_hash.pb.h"
#include "tests/unit/client/client_matchers.h"
#include "tests/unit/client/fake_service.h"

namespace strongroom {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::Eq;
using testing::FailsFrom;
using testing::FakeService;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::refusal;
using ::testing::SizeIs;
using testing::success;
using testing::success_with;

constexpr psa::KeyAttributes kP256 = {
    .type = {psa::KeyType::Kind::EccKeyPair, psa::EccFamily::SecpR1},
    .bits = 256,
    .usage = {.sign_hash = true},
    .algorithm = psa::AsymmetricSignature{psa::AsymmetricSignature::Kind::Ecdsa, psa::Hash::Sha256},
};

Client client_of(const FakeService& service, ClientOptions options = {}) {
  options.endpoint = service.socket_path();
  if (options.timeout == 60s) options.timeout = 30s;
  return Client::open(std::move(options)).value();
}

Bytes two_providers(const Request& request) {
  list_providers::Result result;
  for (std::uint32_t id : {3U, 1U, 0U}) {
    list_providers::ProviderInfo* info = result.add_providers();
    info->set_id(id);
    info->set_uuid("uuid");
    info->set_version_min(1);
  }
  return success_with(request, result);
}

Bytes discovery_or_success(const Request& request) {
  bool asks_for_providers = request.header.opcode == std::to_underlying(Opcode::ListProviders);
  return asks_for_providers ? two_providers(request) : success(request);
}

TEST(Client, PingTellsTheVersionWithoutAnIdentity) {
  FakeService service([](const Request& request) {
    ping::Result result;
    result.set_wire_protocol_version_maj(1);
    return success_with(request, result);
  });
  Client client = client_of(service);
  EXPECT_THAT(client.ping(), IsOkAndHolds(Eq(WireVersion{1, 0})));
  ASSERT_THAT(service.requests(), SizeIs(1));
  EXPECT_EQ(service.requests()[0].header.auth_type, 0);
}

TEST(Client, FirstListedProviderIsAskedForOnce) {
  FakeService service(discovery_or_success);
  Client client = client_of(service);
  EXPECT_THAT(client.destroy_key("web"), IsOk());
  EXPECT_THAT(client.destroy_key("web"), IsOk());
  std::vector<Request> requests = service.requests();
  ASSERT_THAT(requests, SizeIs(3));
  EXPECT_EQ(requests[1].header.provider, 3);
  EXPECT_EQ(requests[2].header.provider, 3);
}

TEST(Client, ChosenProviderIsNotAskedFor) {
  FakeService service(discovery_or_success);
  Client client = client_of(service).with_provider(ProviderId::Software);
  EXPECT_THAT(client.destroy_key("web"), IsOk());
  ASSERT_THAT(service.requests(), SizeIs(1));
  EXPECT_EQ(service.requests()[0].header.provider, 1);
}

TEST(Client, ServiceWithTheCoreProviderAloneHasNoneForKeys) {
  FakeService service([](const Request& request) {
    list_providers::Result result;
    result.add_providers()->set_id(0);
    return success_with(request, result);
  });
  EXPECT_THAT(client_of(service).provider(),
              FailsFrom(ErrorSource::Service, Status::ProviderNotRegistered));
}

TEST(Client, UidGoesAlongInLittleEndian) {
  FakeService service(discovery_or_success);
  EXPECT_THAT(client_of(service).list_keys(), IsOk());
  ASSERT_THAT(service.requests(), SizeIs(1));
  Request request = service.requests()[0];
  EXPECT_EQ(request.header.auth_type, 3);
  ASSERT_THAT(request.auth, SizeIs(4));
  uid_t uid = 0;
  for (std::size_t i = 4; i-- > 0;)
    uid = uid << 8 | std::to_integer<uid_t>(request.auth[i]);
  EXPECT_EQ(uid, ::getuid());
}

TEST(Client, ApplicationNameIsSaidDirectly) {
  FakeService service(discovery_or_success);
  EXPECT_THAT(client_of(service, {.application_name = "größe"}).list_keys(), IsOk());
  ASSERT_THAT(service.requests(), SizeIs(1));
  EXPECT_EQ(service.requests()[0].header.auth_type, 1);
  EXPECT_EQ(text_of(service.requests()[0].auth), "größe");
}

TEST(Client, ListedKeysCarryTheirAttributes) {
  FakeService service([](const Request& request) {
    list_keys::Result result;
    list_keys::KeyInfo* key = result.add_keys();
    key->set_provider_id(2);
    key->set_name("schlüssel 🔑");
    *key->mutable_attributes() = encode(kP256);
    return success_with(request, result);
  });
  ClientResult<std::vector<KeyInfo>> keys = client_of(service).list_keys();
  ASSERT_THAT(keys, IsOk());
  ASSERT_THAT(*keys, SizeIs(1));
  EXPECT_EQ(keys->front().provider, ProviderId::Pkcs11);
  EXPECT_EQ(keys->front().name, "schlüssel 🔑");
  EXPECT_EQ(keys->front().attributes, kP256);
}

TEST(Client, ListedKeyWithoutAttributesIsNoAnswer) {
  FakeService service([](const Request& request) {
    list_keys::Result result;
    result.add_keys()->set_name("web");
    return success_with(request, result);
  });
  EXPECT_THAT(client_of(service).list_keys(),
              FailsFrom(ErrorSource::Answer, Status::InvalidEncoding));
}

TEST(Client, ProviderIdThatFitsNoHeaderIsNoAnswer) {
  FakeService service([](const Request& request) {
    list_providers::Result result;
    result.add_providers()->set_id(256);
    return success_with(request, result);
  });
  EXPECT_THAT(client_of(service).list_providers(),
              FailsFrom(ErrorSource::Answer, Status::InvalidEncoding));
}

TEST(Client, OpcodesOfLaterVersionsAreListedAsNumbers) {
  FakeService service([](const Request& request) {
    list_opcodes::Result result;
    result.add_opcodes(1);
    result.add_opcodes(0x8000);
    return success_with(request, result);
  });
  EXPECT_THAT(client_of(service).list_opcodes(ProviderId::Core),
              IsOkAndHolds(ElementsAre(Opcode::Ping, static_cast<Opcode>(0x8000))));
}

TEST(Client, BodyThatIsNotTheOperationsIsNoAnswer) {
  FakeService service([](const Request& request) { return success(request, "\xff\xff\xff"); });
  EXPECT_THAT(client_of(service).ping(),
              FailsFrom(ErrorSource::Answer, Status::DeserializingBodyFailed));
}

TEST(Client, AttributesOfANewKeyArriveWhole) {
  FakeService service(discovery_or_success);
  Client client = client_of(service, {.provider = ProviderId::Software});
  ASSERT_THAT(client.generate_key("web", kP256), IsOk());
  psa_generate_key::Operation operation;
  Bytes body = service.requests().at(0).body;
  ASSERT_TRUE(operation.ParseFromArray(body.data(), static_cast<int>(body.size())));
  EXPECT_EQ(operation.key_name(), "web");
  EXPECT_THAT(decode(operation.attributes()), IsOkAndHolds(Eq(kP256)));
}

TEST(Client, SignatureIsReturned) {
  FakeService service([](const Request& request) {
    psa_sign_hash::Result result;
    result.set_signature("signature");
    return success_with(request, result);
  });
  Client client = client_of(service, {.provider = ProviderId::Software});
  ClientResult<Bytes> signature =
      client.sign_hash("web", std::get<psa::AsymmetricSignature>(kP256.algorithm), view_of("hash"));
  ASSERT_THAT(signature, IsOk());
  EXPECT_EQ(text_of(*signature), "signature");
}

TEST(Client, FewerRandomBytesThanAskedForAreNoAnswer) {
  FakeService service([](const Request& request) {
    psa_generate_random::Result result;
    result.set_random_bytes("1234");
    return success_with(request, result);
  });
  Client client = client_of(service, {.provider = ProviderId::Software});
  EXPECT_THAT(client.generate_random(4), IsOk());
  EXPECT_THAT(client.generate_random(5), FailsFrom(ErrorSource::Answer, Status::InvalidEncoding));
}

TEST(Client, RefusalIsTheServicesWord) {
  FakeService service(
      [](const Request& request) { return refusal(request, Status::PsaErrorDoesNotExist); });
  Client client = client_of(service, {.provider = ProviderId::Software});
  EXPECT_THAT(client.destroy_key("web"),
              FailsFrom(ErrorSource::Service, Status::PsaErrorDoesNotExist));
}

TEST(Client, NamesThatAreNotUtf8AreNotSent) {
  FakeService service(discovery_or_success);
  Client client = client_of(service, {.provider = ProviderId::Software});
  EXPECT_THAT(client.destroy_key("\xff"),
              FailsFrom(ErrorSource::Caller, Status::PsaErrorInvalidArgument));
  EXPECT_THAT(Client::open({.application_name = "\xff"}),
              FailsFrom(ErrorSource::Caller, Status::PsaErrorInvalidArgument));
  EXPECT_THAT(service.requests(), SizeIs(0));
}

TEST(Client, MissingSocketAndDeafSocketAreDistinguished) {
  testing::TemporaryDirectory directory;
  Client missing = Client::open({.endpoint = directory / "none"}).value();
  ClientResult<WireVersion> answer = missing.ping();
  ASSERT_THAT(answer, FailsFrom(ErrorSource::Endpoint, Status::ConnectionError));
  EXPECT_EQ(answer.error().system_error(), ENOENT);

  std::ignore = testing::listen_at(directory / "deaf");
  Client deaf = Client::open({.endpoint = directory / "deaf"}).value();
  answer = deaf.ping();
  ASSERT_THAT(answer, FailsFrom(ErrorSource::Endpoint, Status::ConnectionError));
  EXPECT_EQ(answer.error().system_error(), ECONNREFUSED);
}

TEST(Client, ServiceThatAcceptsNobodyTimesOut) {
  testing::TemporaryDirectory directory;
  UniqueFd listener = testing::listen_at(directory / "full");
  ASSERT_EQ(::listen(listener.get(), 0), 0);
  Client client = Client::open({.endpoint = directory / "full", .timeout = 50ms}).value();
  Client second = Client::open({.endpoint = directory / "full", .timeout = 50ms}).value();
  EXPECT_THAT(client.ping(), FailsFrom(ErrorSource::Timeout, Status::ConnectionError));
  ClientResult<WireVersion> answer = second.ping();
  ASSERT_THAT(answer, FailsFrom(ErrorSource::Timeout, Status::ConnectionError));
  EXPECT_THAT(answer.error().message(), HasSubstr("connecting to"));
}

TEST(Client, UntrustedSocketReceivesNothing) {
  FakeService service(discovery_or_success);
  std::string directory = service.socket_path().substr(0, service.socket_path().rfind('/'));
  ASSERT_EQ(::chmod(directory.c_str(), 0777), 0);
  EXPECT_THAT(client_of(service).list_keys(),
              FailsFrom(ErrorSource::Endpoint, Status::ConnectionError));
  EXPECT_THAT(service.requests(), SizeIs(0));
  EXPECT_THAT(client_of(service, {.trust_any_socket = true}).list_keys(), IsOk());
}

TEST(Client, SeveralThreadsMayCallAtOnce) {
  FakeService service(discovery_or_success);
  Client client = client_of(service);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] { EXPECT_THAT(client.destroy_key("web"), IsOk()); });
}

}  // namespace
}  // namespace strongroom
