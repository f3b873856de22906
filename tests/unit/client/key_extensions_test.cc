// Derived keys and signatures by the batch.
#include <array>

#include "derive_key.pb.h"
#include "protocol/psa_codec.h"
#include "sign_batch.pb.h"
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
using testing::success;
using testing::success_with;

constexpr psa::KeyDerivation kHkdf{psa::KeyDerivation::Kind::Hkdf, psa::Hash::Sha384};
constexpr psa::KeyAgreement kX25519{psa::RawKeyAgreement::Ecdh, kHkdf};
constexpr psa::AsymmetricSignature kEcdsa{psa::AsymmetricSignature::Kind::Ecdsa, psa::Hash::Sha256};
constexpr psa::AsymmetricSignature kEddsa{psa::AsymmetricSignature::Kind::PureEddsa, std::nullopt};
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

// Answers as many signatures as it is told, whatever it was asked.
FakeService signing(int count) {
  return FakeService([count](const Request& request) {
    sign_batch::Result result;
    for (int i = 0; i < count; ++i)
      result.add_signatures(fmt::format("signature {}", i));
    return success_with(request, result);
  });
}

TEST(ClientDerivation, SendsEveryInput) {
  FakeService service([](const Request& request) { return success(request, ""); });
  const DerivationParameters parameters{.peer_key = view_of("peer"),
                                        .salt = view_of("salt"),
                                        .info = view_of("info"),
                                        .label = view_of("label"),
                                        .seed = view_of("seed")};
  ASSERT_THAT(client_of(service).derive_key("secret", kX25519, parameters, "new", kAes), IsOk());
  EXPECT_EQ(service.requests().at(0).header.opcode, 0x8005U);
  EXPECT_EQ(service.requests().at(0).header.provider, 1);
  auto sent = sent_to<derive_key::Operation>(service);
  EXPECT_EQ(sent.key_name(), "secret");
  EXPECT_EQ(*decode(sent.alg()), psa::Algorithm(kX25519));
  EXPECT_EQ(sent.peer_key(), "peer");
  EXPECT_EQ(sent.salt(), "salt");
  EXPECT_EQ(sent.info(), "info");
  EXPECT_EQ(sent.label(), "label");
  EXPECT_EQ(sent.seed(), "seed");
  EXPECT_EQ(sent.new_key_name(), "new");
  EXPECT_EQ(*decode(sent.attributes()), kAes);
}

TEST(ClientDerivation, ChangesSomethingAndIsRefusedByTheService) {
  EXPECT_TRUE(requests::derive_key("secret", kHkdf, {}, "new", kAes)->changes_something());
  FakeService service(
      [](const Request& request) { return refusal(request, Status::PsaErrorAlreadyExists); });
  EXPECT_THAT(client_of(service).derive_key("secret", kHkdf, {}, "new", kAes),
              FailsFrom(ErrorSource::Service, Status::PsaErrorAlreadyExists));
}

TEST(ClientDerivation, NamesThatAreNoneAreNotSent) {
  const std::string bad = "\xff";
  EXPECT_EQ(requests::derive_key(bad, kHkdf, {}, "new", kAes).error().source(),
            ErrorSource::Caller);
  EXPECT_EQ(requests::derive_key("secret", kHkdf, {}, bad, kAes).error().source(),
            ErrorSource::Caller);
}

TEST(ClientSignBatch, GivesTheSignaturesOfHashesInTheirOrder) {
  FakeService service = signing(2);
  const std::array hashes = {Bytes(32, std::byte{1}), Bytes(32, std::byte{2})};
  ClientResult<std::vector<Bytes>> signatures =
      client_of(service).sign_hashes("web", kEcdsa, hashes);
  ASSERT_THAT(signatures, IsOk());
  ASSERT_EQ(signatures->size(), 2U);
  EXPECT_EQ(text_of(signatures->at(1)), "signature 1");
  EXPECT_EQ(service.requests().at(0).header.opcode, 0x8008U);
  auto sent = sent_to<sign_batch::Operation>(service);
  EXPECT_EQ(sent.key_name(), "web");
  EXPECT_EQ(*decode(sent.alg()), kEcdsa);
  ASSERT_EQ(sent.hashes_size(), 2);
  EXPECT_EQ(sent.hashes(1), std::string(32, '\2'));
  EXPECT_EQ(sent.messages_size(), 0);
}

TEST(ClientSignBatch, SendsMessagesAsMessages) {
  FakeService service = signing(3);
  const std::array messages = {bytes_of("one"), Bytes(), bytes_of("three")};
  ASSERT_THAT(client_of(service).sign_messages("edwards", kEddsa, messages), IsOk());
  auto sent = sent_to<sign_batch::Operation>(service);
  ASSERT_EQ(sent.messages_size(), 3);
  EXPECT_EQ(sent.messages(0), "one");
  EXPECT_EQ(sent.messages(1), "");
  EXPECT_EQ(sent.messages(2), "three");
  EXPECT_EQ(sent.hashes_size(), 0);
}

TEST(ClientSignBatch, AnotherNumberOfSignaturesIsNoAnswer) {
  const std::array hashes = {Bytes(32), Bytes(32)};
  for (int count : {0, 1, 3}) {
    FakeService service = signing(count);
    EXPECT_THAT(client_of(service).sign_hashes("web", kEcdsa, hashes),
                FailsFrom(ErrorSource::Answer, Status::InvalidEncoding))
        << count;
  }
}

TEST(ClientSignBatch, ChangesNothing) {
  const std::array hashes = {Bytes(32)};
  EXPECT_FALSE(requests::sign_hashes("web", kEcdsa, hashes)->changes_something());
  EXPECT_FALSE(requests::sign_messages("web", kEcdsa, hashes)->changes_something());
}

}  // namespace
}  // namespace strongroom
