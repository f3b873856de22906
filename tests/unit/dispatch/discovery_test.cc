// What clients are told of providers, operations, authenticators and keys.
#include <gmock/gmock.h>

#include "list_authenticators.pb.h"
#include "list_keys.pb.h"
#include "list_opcodes.pb.h"
#include "list_providers.pb.h"
#include "tests/support/service_under_test.h"

namespace strongroom {
namespace {

using testing::ecc_pair;
using testing::generate_body;
using testing::key_of;
using testing::request_of;
using testing::result_in;
using testing::ServiceUnderTest;
using ::testing::UnorderedElementsAre;

Request opcodes_request(std::uint32_t provider) {
  list_opcodes::Operation message;
  message.set_provider_id(provider);
  return request_of(Opcode::ListOpcodes, *serialized(message));
}

TEST(ListProviders, HasCoreLast) {
  ServiceUnderTest service;
  auto result =
      result_in<list_providers::Result>(service.ask(request_of(Opcode::ListProviders, {})));
  ASSERT_EQ(result.providers_size(), 2);
  EXPECT_EQ(result.providers(0).id(), 1U);
  EXPECT_EQ(result.providers(0).uuid(), "face0000-0000-0000-0000-000000000000");
  EXPECT_EQ(result.providers(1).id(), 0U);
  EXPECT_EQ(result.providers(1).uuid(), "47049873-2a43-4845-9d72-831eab668784");
  EXPECT_EQ(result.providers(1).version_min(), 2U);
}

std::vector<std::uint32_t> opcodes_of(std::uint32_t provider, std::uint16_t flags = 0) {
  const ServiceUnderTest service;
  Request request = opcodes_request(provider);
  request.header.flags = flags;
  auto result = result_in<list_opcodes::Result>(service.ask(std::move(request)));
  return {result.opcodes().begin(), result.opcodes().end()};
}

TEST(ListOpcodes, TellsWhatTheProviderServesWithoutMacsAndExtensions) {
  for (int bits : {0x0000, 0x0001, 0xfffd}) {
    const auto flags = static_cast<std::uint16_t>(bits);
    EXPECT_THAT(opcodes_of(0, flags), UnorderedElementsAre(1, 8, 9, 14, 26, 27, 28));
    EXPECT_THAT(opcodes_of(1, flags), UnorderedElementsAre(2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 15, 16,
                                                           17, 18, 19, 20, 21, 24, 25, 30, 31, 32));
  }
}

TEST(ListOpcodes, TellsAllToThoseWhoAskForExtensions) {
  EXPECT_THAT(opcodes_of(0, kFlagExtended),
              UnorderedElementsAre(1, 8, 9, 14, 26, 27, 28, 0x8000, 0x8003, 0x8004, 0x8010));
  EXPECT_THAT(opcodes_of(1, kFlagExtended),
              UnorderedElementsAre(2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 15, 16, 17, 18, 19, 20, 21, 22,
                                   23, 24, 25, 30, 31, 32, 0x8002, 0x8005, 0x8006, 0x8007, 0x8008,
                                   0x8009, 0x800A, 0x800B, 0x800C, 0x800D, 0x800E, 0x800F));
}

TEST(ListOpcodes, TellsUnknownFromUnregisteredProviders) {
  ServiceUnderTest service;
  EXPECT_EQ(service.status_of(opcodes_request(3)), Status::ProviderNotRegistered);
  for (std::uint32_t id : {6U, 256U, 0xffffffffU})
    EXPECT_EQ(service.status_of(opcodes_request(id)), Status::ProviderDoesNotExist);
}

TEST(ListAuthenticators, HasTheConfiguredOnesInOrder) {
  ServiceUnderTest service({.front_end = {}, .direct_authenticator = true});
  auto result = result_in<list_authenticators::Result>(
      service.ask(request_of(Opcode::ListAuthenticators, {})));
  ASSERT_EQ(result.authenticators_size(), 2);
  EXPECT_EQ(result.authenticators(0).id(), 3U);
  EXPECT_EQ(result.authenticators(1).id(), 1U);
}

Status generate(const ServiceUnderTest& service, std::string_view name,
                const psa::KeyAttributes& attributes) {
  return service.status_of(request_of(Opcode::PsaGenerateKey, generate_body(name, attributes)));
}

TEST(ListKeys, ShowsTheCallersKeysWithWidenedUsage) {
  ServiceUnderTest service;
  psa::KeyAttributes attributes = ecc_pair(testing::kEcdsaSha256, {.sign_hash = true});
  ASSERT_EQ(generate(service, "web", attributes), Status::Success);
  auto result = result_in<list_keys::Result>(service.ask(request_of(Opcode::ListKeys, {})));
  ASSERT_EQ(result.keys_size(), 1);
  EXPECT_EQ(result.keys(0).name(), "web");
  EXPECT_EQ(result.keys(0).provider_id(), 1U);
  attributes.usage.sign_message = true;
  EXPECT_EQ(*decode(result.keys(0).attributes()), attributes);
}

// Clients that were built from Parsec's contracts give up on the whole list otherwise.
TEST(ListKeys, ShowsWhatIsBeyondParsecOnlyToThoseWhoAsk) {
  ServiceUnderTest service;
  const psa::KeyAttributes edwards{
      .type = {psa::KeyType::Kind::EccKeyPair, psa::EccFamily::TwistedEdwards},
      .bits = 255,
      .usage = {.sign_message = true},
      .algorithm =
          psa::AsymmetricSignature{psa::AsymmetricSignature::Kind::PureEddsa, std::nullopt}};
  psa::KeyAttributes wrapping =
      key_of(psa::KeyType::Kind::Aes, 256, psa::KeyWrap{psa::KeyWrap::Kind::AesKwp, std::nullopt});
  psa::KeyAttributes careful = key_of(psa::KeyType::Kind::Aes, 256, testing::kAesGcm);
  careful.usage = {.encrypt = true, .wrap = true, .unwrap = true};
  careful.drawn_nonce_only = true;
  ASSERT_EQ(generate(service, "edwards", edwards), Status::Success);
  ASSERT_EQ(generate(service, "wrapping", wrapping), Status::Success);
  ASSERT_EQ(generate(service, "careful", careful), Status::Success);

  Request request = request_of(Opcode::ListKeys, {});
  auto shown = result_in<list_keys::Result>(service.ask(request));
  ASSERT_EQ(shown.keys_size(), 1);
  EXPECT_EQ(shown.keys(0).name(), "careful");
  psa::KeyAttributes parsec_part = careful;
  parsec_part.usage = {.encrypt = true};
  parsec_part.drawn_nonce_only = false;
  EXPECT_EQ(*decode(shown.keys(0).attributes()), parsec_part);

  request.header.flags = kFlagExtended;
  auto all = result_in<list_keys::Result>(service.ask(request));
  ASSERT_EQ(all.keys_size(), 3);
  for (const list_keys::KeyInfo& key : all.keys()) {
    if (key.name() == "careful") {
      EXPECT_EQ(*decode(key.attributes()), careful);
    }
  }
}

}  // namespace
}  // namespace strongroom
