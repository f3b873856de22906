#include "protocol/psa_codec.h"
#include "strongroom/client.h"
#include "tests/unit/client/client_matchers.h"
#include "tests/unit/client/fake_service.h"
#include "unwrap_key.pb.h"
#include "wrap_key.pb.h"

namespace strongroom {
namespace {

using namespace std::chrono_literals;
using testing::FailsFrom;
using testing::FakeService;
using testing::IsOk;
using testing::refusal;
using testing::success;
using testing::success_with;

constexpr psa::KeyWrap kAesKwp{psa::KeyWrap::Kind::AesKwp, std::nullopt};
constexpr psa::KeyWrap kRsa{psa::KeyWrap::Kind::RsaOaepAesKwp, psa::Hash::Sha384};
constexpr psa::KeyAttributes kAes = {
    .type = {psa::KeyType::Kind::Aes},
    .bits = 0,
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

TEST(ClientKeyWrap, WrappingNamesBothKeysAndGivesTheBytes) {
  FakeService service([](const Request& request) {
    wrap_key::Result result;
    result.set_wrapped_key("wrapped");
    return success_with(request, result);
  });
  ClientResult<Bytes> wrapped = client_of(service).wrap_key("secret", "kek", kRsa);
  ASSERT_THAT(wrapped, IsOk());
  EXPECT_EQ(text_of(*wrapped), "wrapped");
  EXPECT_EQ(service.requests().at(0).header.opcode, 0x8006U);
  EXPECT_EQ(service.requests().at(0).header.provider, 1);
  auto sent = sent_to<wrap_key::Operation>(service);
  EXPECT_EQ(sent.key_name(), "secret");
  EXPECT_EQ(sent.wrapping_key_name(), "kek");
  EXPECT_EQ(*decode(sent.alg()), kRsa);
}

TEST(ClientKeyWrap, UnwrappingSendsAttributesAsAnImportDoes) {
  FakeService service([](const Request& request) { return success(request, ""); });
  ASSERT_THAT(client_of(service).unwrap_key("new", kAes, "kek", kAesKwp, view_of("wrapped")),
              IsOk());
  EXPECT_EQ(service.requests().at(0).header.opcode, 0x8007U);
  auto sent = sent_to<unwrap_key::Operation>(service);
  EXPECT_EQ(sent.key_name(), "new");
  EXPECT_EQ(*decode(sent.attributes()), kAes);
  EXPECT_EQ(sent.unwrapping_key_name(), "kek");
  EXPECT_EQ(*decode(sent.alg()), kAesKwp);
  EXPECT_EQ(sent.wrapped_key(), "wrapped");
}

TEST(ClientKeyWrap, OnlyUnwrappingChangesSomething) {
  EXPECT_FALSE(requests::wrap_key("secret", "kek", kAesKwp)->changes_something());
  EXPECT_TRUE(requests::unwrap_key("new", kAes, "kek", kAesKwp, {})->changes_something());
}

TEST(ClientKeyWrap, NamesThatAreNoneAreNotSent) {
  const std::string bad = "\xff";
  for (const auto& prepared :
       {requests::wrap_key(bad, "kek", kAesKwp), requests::wrap_key("secret", bad, kAesKwp)})
    EXPECT_EQ(prepared.error().source(), ErrorSource::Caller);
  EXPECT_EQ(requests::unwrap_key("new", kAes, bad, kAesKwp, {}).error().source(),
            ErrorSource::Caller);
  EXPECT_EQ(requests::unwrap_key(bad, kAes, "kek", kAesKwp, {}).error().source(),
            ErrorSource::Caller);
}

TEST(ClientKeyWrap, RefusalsAreTheServices) {
  FakeService service(
      [](const Request& request) { return refusal(request, Status::PsaErrorInvalidSignature); });
  EXPECT_THAT(client_of(service).unwrap_key("new", kAes, "kek", kAesKwp, view_of("altered")),
              FailsFrom(ErrorSource::Service, Status::PsaErrorInvalidSignature));
}

}  // namespace
}  // namespace strongroom
