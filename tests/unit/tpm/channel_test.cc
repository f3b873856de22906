// Our sessions against a real TPM, and against who sits between it and us.
#include "providers/tpm/session/channel.h"

#include <algorithm>

#include "tests/unit/tpm/channel_fixture.h"

namespace strongroom::tpm {
namespace {

using testing::FailsWith;
using testing::IsOk;

constexpr auto kTampered = Status::PsaErrorCorruptionDetected;

bool contains(ByteView bytes, ByteView part) {
  return std::ranges::search(bytes, part).begin() != bytes.end();
}

class ChannelTest : public ChannelFixture {
 protected:
  Outcome<TPMT_SIGNATURE> sign_with(const Entity& key, ByteView value) {
    return sign(secured(), {key, value}, digest, signature_scheme(TPM2_ALG_ECDSA));
  }
};

TEST_F(ChannelTest, ASessionSaltedToEitherRootWorks) {
  for (RootType type : {RootType::EccP256, RootType::Rsa2048}) {
    make_root(type);
    for (int i = 0; i < 3; ++i)
      EXPECT_THAT(draw_random(secured(), 16), IsOk());
    TearDown();
  }
}

TEST_F(ChannelTest, TheRootIsTheSameEachTime) {
  make_root(RootType::EccP256);
  const Bytes name = root.name;
  TearDown();
  make_root(RootType::EccP256);
  EXPECT_EQ(root.name, name);
}

TEST_F(ChannelTest, TheTpmCallsAnObjectByTheNameThatWeCompute) {
  make_root(RootType::EccP256);
  Command command{.name = "TPM2_ReadPublic", .code = TPM2_CC_ReadPublic, .entities = {root}};
  auto answer = channel->run(command);
  ASSERT_THAT(answer, IsOk());
  std::ignore = answer->parameters.take(&Tss2_MU_TPM2B_PUBLIC_Unmarshal);
  auto name = answer->parameters.take(&Tss2_MU_TPM2B_NAME_Unmarshal);
  ASSERT_THAT(name, IsOk());
  EXPECT_EQ(copy_of(std::as_bytes(std::span(name->name).first(name->size))), root.name);
}

TEST_F(ChannelTest, AuthValuesMayEndInZeros) {
  make_root(RootType::EccP256);
  Bytes value = auth;
  value.back() = std::byte{0};
  auto blob = create(secured(), root, *generated_key(kEcPair, 256), value);
  ASSERT_THAT(blob, IsOk());
  auto key = loaded(*blob);
  EXPECT_THAT(sign_with(key.entity, value), IsOk());
}

TEST_F(ChannelTest, SecretsCrossEncrypted) {
  make_root(RootType::EccP256);
  Bytes sent;
  Bytes received;
  faults.on_command = [&](auto, ByteView command) {
    sent.insert(sent.end(), command.begin(), command.end());
    return 0U;
  };
  faults.on_answer = [&](auto, Bytes& answer) {
    received.insert(received.end(), answer.begin(), answer.end());
  };
  auto key = new_key(kEcPair, 256);
  EXPECT_THAT(sign_with(key.entity, auth), IsOk());
  EXPECT_FALSE(contains(sent, ByteView(auth).first(8)));
  auto drawn = draw_random(secured(), 32);
  ASSERT_THAT(drawn, IsOk());
  EXPECT_FALSE(contains(received, drawn->reveal().first(8)));
}

TEST_F(ChannelTest, AWrongAuthValueIsRefused) {
  make_root(RootType::EccP256);
  auto key = new_key(kEcPair, 256);
  auto refused = sign_with(key.entity, Bytes(32, std::byte{1}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), TPM2_RC_BAD_AUTH);
  EXPECT_THAT(sign_with(key.entity, auth), IsOk()) << "the session goes on";
}

TEST_F(ChannelTest, AnotherKeyBehindAHandleIsNotUsed) {
  make_root(RootType::EccP256);
  auto meant = new_key(kEcPair, 256);
  auto other = new_key(kEcPair, 256);
  auto refused = sign_with({other.entity.handle, meant.entity.name}, auth);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), TPM2_RC_BAD_AUTH);
}

TEST_F(ChannelTest, ASessionSaltedToAnotherKeyIsOfNoUse) {
  make_root(RootType::EccP256);
  auto elsewhere = create(secured(), root, *generated_key(kEcPair, 256), auth);
  ASSERT_THAT(elsewhere, IsOk());
  TPMT_PUBLIC wrong = root_area;
  wrong.unique = elsewhere->public_area.publicArea.unique;
  session_owned = {};
  auto started = start_session(*channel, SaltKey{root.handle, wrong});
  ASSERT_THAT(started, IsOk());
  FlushedHandle owned(*channel, started->handle());
  auto refused = draw_random({*channel, *started}, 16);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), TPM2_RC_BAD_AUTH);
}

TEST_F(ChannelTest, EveryBitOfAnAnswerCounts) {
  make_root(RootType::EccP256);
  std::size_t size = 0;
  faults.on_answer = [&](auto, Bytes& answer) { size = answer.size(); };
  ASSERT_THAT(draw_random(secured(), 8), IsOk());
  constexpr std::size_t kHeader = 10;
  for (std::size_t at = 0; at < size; ++at) {
    faults.on_answer = [&](std::uint32_t code, Bytes& answer) {
      if (code == TPM2_CC_GetRandom) answer[at] ^= std::byte{1} << (at % 8);
    };
    auto drawn = draw_random(secured(), 8);
    EXPECT_FALSE(drawn) << at;
    if (!drawn && at >= kHeader) {
      Status status = drawn.error().status();
      EXPECT_TRUE(status == kTampered || status == Status::PsaErrorCommunicationFailure) << at;
    }
    faults.on_answer = {};
    start_salted();
  }
}

TEST_F(ChannelTest, EveryShorterAnswerIsRefused) {
  make_root(RootType::EccP256);
  for (std::size_t left = 0; left < 80; ++left) {
    faults.on_answer = [&](std::uint32_t code, Bytes& answer) {
      if (code != TPM2_CC_GetRandom) return;
      answer.resize(std::min(left, answer.size() - 1));
      // With the size of what is left, so that more than the header looks whole.
      if (answer.size() >= 6) answer[5] = static_cast<std::byte>(answer.size());
    };
    EXPECT_THAT(draw_random(secured(), 8), FailsWith(Status::PsaErrorCommunicationFailure));
    faults.on_answer = {};
    start_salted();
  }
}

TEST_F(ChannelTest, AnOlderAnswerToTheSameCommandIsRefused) {
  make_root(RootType::EccP256);
  auto key = new_key(kEcPair, 256);
  Bytes recorded;
  faults.on_answer = [&](auto, Bytes& answer) { recorded = answer; };
  ASSERT_THAT(sign_with(key.entity, auth), IsOk());
  faults.on_answer = [&](auto, Bytes& answer) { answer = recorded; };
  EXPECT_THAT(sign_with(key.entity, auth), FailsWith(kTampered));
  faults.on_answer = {};
}

TEST_F(ChannelTest, TheAnswerToAnotherCommandIsRefused) {
  make_root(RootType::EccP256);
  Bytes recorded;
  faults.on_answer = [&](auto, Bytes& answer) { recorded = answer; };
  ASSERT_THAT(draw_random(secured(), 8), IsOk());
  faults.on_answer = {};
  auto key = new_key(kEcPair, 256);
  faults.on_answer = [&](auto, Bytes& answer) { answer = recorded; };
  EXPECT_THAT(sign_with(key.entity, auth), FailsWith(kTampered));
  faults.on_answer = {};
}

TEST_F(ChannelTest, AnErrorOfTheTpmLeavesTheSessionAsItWas) {
  make_root(RootType::EccP256);
  auto key = new_key(kEcPair, 256);
  auto refused = sign(secured(), {key.entity, auth}, digest, signature_scheme(TPM2_ALG_RSASSA));
  EXPECT_THAT(refused, FailsWith(Status::PsaErrorNotSupported));
  EXPECT_THAT(sign_with(key.entity, auth), IsOk());
}

TEST_F(ChannelTest, ABusyTpmAnswersTheSameBytesLater) {
  make_root(RootType::EccP256);
  auto key = new_key(kEcPair, 256);
  faults.refuse_next(TPM2_CC_Sign, TPM2_RC_RETRY, 3);
  EXPECT_THAT(sign_with(key.entity, auth), IsOk());
  EXPECT_EQ(faults.count_of(TPM2_CC_Sign), 4U);
}

TEST_F(ChannelTest, HandlesGoWithTheirOwners) {
  make_root(RootType::EccP256);
  {
    auto key = new_key(kEcPair, 256);
    EXPECT_EQ(count_of_handles(TPM2_HT_TRANSIENT), 2U);
  }
  EXPECT_EQ(count_of_handles(TPM2_HT_TRANSIENT), 1U);
  TearDown();
  EXPECT_EQ(count_of_handles(TPM2_HT_TRANSIENT), 0U);
  EXPECT_EQ(count_of_handles(TPM2_HT_LOADED_SESSION), 0U);
}

}  // namespace
}  // namespace strongroom::tpm
