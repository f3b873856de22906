// HMAC and AES keys in a TPM: what goes over the interface, and input of more than a command takes.
#include <algorithm>
#include <thread>

#include "providers/tpm/tpm_provider.h"
#include "tests/support/attributes.h"
#include "tests/support/stored_key.h"
#include "tests/support/tpm/esys.h"
#include "tests/unit/tpm/channel_fixture.h"

namespace strongroom::tpm {
namespace {

using Kind = psa::KeyType::Kind;
using testing::FailsWith;
using testing::IsOk;
using testing::kHmacSha256;
using testing::stored;

constexpr psa::Mac kCmac{psa::Mac::Kind::Cmac, {}, {}};
constexpr std::size_t kCommand = 1024;
constexpr std::size_t kTurn = 16 * kCommand;

class SymmetricTest : public testing::WithSwTpm {
 protected:
  void SetUp() override {
    TpmProvider::Settings settings;
    settings.upkeep = Upkeep::Kind::None;
    settings.tcti = tpm().tcti();
    settings.opener = faults.around([] { return open_tcti(tpm().tcti()); });
    auto made = TpmProvider::create("tpm", std::move(settings));
    ASSERT_THAT(made, IsOk());
    provider = *std::move(made);
    software = *SoftwareProvider::create("software");
  }
  static KeyRecordPtr imported(Provider& provider, Kind kind) {
    auto key = provider.keys()->import(testing::key_of(kind, 256, psa::NoAlgorithm()),
                                       Bytes(32, std::byte{0x3c}));
    EXPECT_THAT(key, IsOk());
    return stored(*std::move(key), 1);
  }
  KeyRecordPtr imported(Kind kind) { return imported(*provider, kind); }
  Bytes expected(Kind kind, const psa::Mac& algorithm, ByteView input) {
    return *software->mac()->compute(*imported(*software, kind), algorithm, input);
  }
  static Bytes text_of_size(std::size_t size) {
    Bytes text(size);
    for (std::size_t i = 0; i < size; ++i)
      text[i] = static_cast<std::byte>(i * 7 + i / 256);
    return text;
  }

  testing::Faults faults;
  std::unique_ptr<TpmProvider> provider;
  std::unique_ptr<SoftwareProvider> software;
};

TEST_F(SymmetricTest, MacsOfInputOfAnyLengthAreThoseOfSoftware) {
  for (const auto& [kind, algorithm] :
       {std::pair(Kind::Hmac, kHmacSha256), std::pair(Kind::Aes, kCmac)}) {
    auto key = imported(kind);
    for (std::size_t size : {std::size_t{0}, std::size_t{1}, kCommand, kCommand + 1, 2 * kCommand,
                             kTurn, kTurn + 1, 2 * kTurn, 2 * kTurn + kCommand + 5}) {
      const Bytes input = text_of_size(size);
      auto mac = provider->mac()->compute(*key, algorithm, input);
      ASSERT_THAT(mac, IsOk()) << size;
      EXPECT_EQ(to_hex(*mac), to_hex(expected(kind, algorithm, input))) << size;
    }
  }
}

TEST_F(SymmetricTest, ASequenceHasACommandForEachInputBuffer) {
  auto key = imported(Kind::Hmac);
  ASSERT_THAT(provider->mac()->compute(*key, kHmacSha256, Bytes(1)), IsOk());
  faults.forget_sent();
  ASSERT_THAT(provider->mac()->compute(*key, kHmacSha256, Bytes(2 * kTurn + 1)), IsOk());
  EXPECT_EQ(faults.count_of(TPM2_CC_HMAC_Start), 1U);
  EXPECT_EQ(faults.count_of(TPM2_CC_SequenceUpdate), 32U);
  EXPECT_EQ(faults.count_of(TPM2_CC_SequenceComplete), 1U);
  EXPECT_EQ(faults.sent().size(), 34U);
}

TEST_F(SymmetricTest, LongInputsOfSeveralAtATime) {
  auto key = imported(Kind::Hmac);
  const Bytes input = text_of_size(3 * kTurn);
  const Bytes mac = expected(Kind::Hmac, kHmacSha256, input);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back(
        [&] { EXPECT_THAT(provider->mac()->verify(*key, kHmacSha256, input, mac), IsOk()); });
}

TEST_F(SymmetricTest, ASlotLessIsEnoughForSequences) {
  auto first = imported(Kind::Hmac);
  auto second = imported(Kind::Aes);
  testing::Esys other(tpm().tcti());
  ESYS_TR held = other.create_primary(storage_root(RootType::EccP256));
  const Bytes input = text_of_size(kTurn + 1);
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(provider->mac()->verify(*first, kHmacSha256, input,
                                        expected(Kind::Hmac, kHmacSha256, input)),
                IsOk());
    EXPECT_THAT(provider->mac()->verify(*second, kCmac, input, expected(Kind::Aes, kCmac, input)),
                IsOk());
  }
  other.flush(held);
}

TEST_F(SymmetricTest, ASequenceThatFailsLeavesItsSlot) {
  auto key = imported(Kind::Hmac);
  for (TPM2_CC command : {TPM2_CC_SequenceUpdate, TPM2_CC_SequenceComplete}) {
    ASSERT_THAT(provider->mac()->compute(*key, kHmacSha256, Bytes(1)), IsOk());
    faults.forget_sent();
    faults.refuse_next(command, TPM2_RC_MEMORY);
    EXPECT_THAT(provider->mac()->compute(*key, kHmacSha256, Bytes(kTurn + 1)),
                FailsWith(Status::PsaErrorInsufficientMemory));
    EXPECT_EQ(faults.count_of(TPM2_CC_FlushContext), 1U);
  }
}

TEST_F(SymmetricTest, AResetAmidASequenceIsMadeGoodByBeginningAnew) {
  auto key = imported(Kind::Hmac);
  const Bytes input = text_of_size(kTurn);
  faults.on_command = [updates = 0](std::uint32_t code, ByteView) mutable {
    if (code == TPM2_CC_SequenceUpdate && ++updates == 5) tpm().reset();
    return 0U;
  };
  EXPECT_THAT(
      provider->mac()->verify(*key, kHmacSha256, input, expected(Kind::Hmac, kHmacSha256, input)),
      IsOk());
}

// What the parameters' encryption is for.
TEST_F(SymmetricTest, NoTextAndNoMacIsOnTheWayInTheClear) {
  const Bytes text(48, std::byte{0xa7});
  Bytes seen;
  faults.on_command = [&](std::uint32_t, ByteView command) {
    seen.insert(seen.end(), command.begin(), command.end());
    return 0U;
  };
  faults.on_answer = [&](std::uint32_t, Bytes& answer) {
    seen.insert(seen.end(), answer.begin(), answer.end());
  };
  auto aes = imported(Kind::Aes);
  auto hmac = imported(Kind::Hmac);
  auto sealed = provider->cipher()->encrypt(*aes, psa::Cipher::CbcPkcs7, text);
  ASSERT_THAT(sealed, IsOk());
  auto opened = provider->cipher()->decrypt(*aes, psa::Cipher::CbcPkcs7, *sealed);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(copy_of(opened->reveal()), text);
  auto mac = provider->mac()->compute(*hmac, kHmacSha256, view_of("message"));
  ASSERT_THAT(mac, IsOk());
  provider.reset();  // which still uses what is seen
  const Bytes key(32, std::byte{0x3c});
  for (ByteView secret : {ByteView(text).first(16), ByteView(*mac), ByteView(key).first(16)})
    EXPECT_EQ(std::ranges::search(seen, secret).begin(), seen.end()) << to_hex(secret);
  EXPECT_NE(std::ranges::search(seen, view_of("message")).begin(), seen.end());
}

TEST_F(SymmetricTest, LongTextsComeBackAndAreThoseOfSoftware) {
  auto key = imported(Kind::Aes);
  auto same = imported(*software, Kind::Aes);
  for (psa::Cipher algorithm : {psa::Cipher::Ctr, psa::Cipher::Cfb, psa::Cipher::Ofb,
                                psa::Cipher::CbcNoPadding, psa::Cipher::EcbNoPadding}) {
    const Bytes text = text_of_size(2 * kTurn + 3 * kCommand + 16);
    auto sealed = provider->cipher()->encrypt(*key, algorithm, text);
    ASSERT_THAT(sealed, IsOk());
    auto opened = software->cipher()->decrypt(*same, algorithm, *sealed);
    ASSERT_THAT(opened, IsOk());
    EXPECT_EQ(to_hex(opened->reveal()), to_hex(text)) << to_string(algorithm);
  }
}

TEST_F(SymmetricTest, HmacKeysAreOfAnySizeUpToABlock) {
  for (std::uint32_t bits : {8U, 160U, 256U, 384U, 512U}) {
    auto made = provider->keys()->generate(testing::key_of(Kind::Hmac, bits, kHmacSha256), {});
    ASSERT_THAT(made, IsOk()) << bits;
    EXPECT_TRUE(made->public_key.empty());
    auto key = stored(*std::move(made), bits);
    auto mac = provider->mac()->compute(*key, kHmacSha256, view_of("x"));
    ASSERT_THAT(mac, IsOk());
    EXPECT_THAT(provider->mac()->verify(*key, kHmacSha256, view_of("x"), *mac), IsOk());
  }
  EXPECT_THAT(provider->keys()->generate(testing::key_of(Kind::Hmac, 520, kHmacSha256), {}),
              FailsWith(Status::PsaErrorNotSupported));
}

// A TPM may have the algorithms, but not the command: export rules have kept it out of some.
TEST_F(SymmetricTest, WithoutTheCommandThereAreNoCiphers) {
  faults.on_answer = [](std::uint32_t code, Bytes& answer) {
    // Wherever it stands in the list of commands, it becomes vendor specific.
    const std::array command = {std::byte{0x01}, std::byte{0x93}};
    if (code != TPM2_CC_GetCapability) return;
    for (std::size_t at = 19; at + 4 <= answer.size(); at += 4)
      if (std::ranges::equal(ByteView(answer).subspan(at + 2, 2), command))
        answer[at] |= std::byte{0x20};
  };
  using psa::Cipher;
  EXPECT_THAT(
      provider->supports(Capability::Generate, testing::key_of(Kind::Aes, 256, Cipher::Ctr)),
      FailsWith(Status::PsaErrorNotSupported));
  EXPECT_THAT(provider->supports(Capability::Generate, testing::key_of(Kind::Aes, 256, kCmac)),
              IsOk());
}

}  // namespace
}  // namespace strongroom::tpm
