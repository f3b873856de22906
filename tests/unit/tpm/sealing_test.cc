// What a TPM seals, against ESYS's opinion of it, and what it says when it does not give it out.
#include <random>

#include "providers/tpm/objects/policies.h"
#include "providers/tpm/vault/sealed_secret.h"
#include "tests/support/tpm/esys.h"
#include "tests/unit/tpm/tpm_fixture.h"

namespace strongroom::tpm {
namespace {

using ::testing::AllOf;
using testing::Esys;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using Session = testing::Esys::Session;

constexpr PcrSelection kPcrs{.bank = TPM2_ALG_SHA256, .mask = 1U << 16 | 1U << 23};
constexpr auto kOtherTpm = Status::PsaErrorDoesNotExist;
constexpr auto kOtherPcrs = Status::PsaErrorNotPermitted;

TPML_PCR_SELECTION as_tss(const PcrSelection& pcrs) {
  TPML_PCR_SELECTION list{};
  list.count = 1;
  list.pcrSelections[0] = {.hash = pcrs.bank, .sizeofSelect = 3, .pcrSelect = {}};
  for (std::size_t i = 0; i < 3; ++i)
    list.pcrSelections[0].pcrSelect[i] = static_cast<BYTE>(pcrs.mask >> (8 * i));
  return list;
}

class SealingTest : public TpmFixture {
 protected:
  static Outcome<SealedSecret> sealed(Tpm& tpm, const PcrSelection& pcrs = {}) {
    return tpm.run([&] { return seal_secret(tpm, secret(), pcrs); });
  }
  static Outcome<SecretBuffer> unsealed(Tpm& tpm, const Outcome<SealedSecret>& what) {
    if (!what) return std::unexpected(what.error());
    return tpm.run([&] { return unseal_secret(tpm, *what); });
  }
  static void expect_secret(const Outcome<SecretBuffer>& found) {
    ASSERT_THAT(found, IsOk());
    EXPECT_EQ(copy_of(found->reveal()), secret());
  }
  static const Bytes& secret() {
    static const Bytes kSecret = bytes_of("thirty-two bytes of such a secret");
    return kSecret;
  }
};

TEST_F(SealingTest, IsGivenOutAgainToTheSameTpm) {
  auto first = made();
  auto what = sealed(*first);
  ASSERT_THAT(what, IsOk());
  expect_secret(unsealed(*first, what));
  first.reset();
  WithSwTpm::tpm().reset();
  expect_secret(unsealed(*made(), what));
}

TEST_F(SealingTest, IsGivenOutWhileThePcrsAreAsTheyWere) {
  auto tpm = made();
  auto what = sealed(*tpm, kPcrs);
  ASSERT_THAT(what, IsOk());
  EXPECT_EQ(what->pcrs.values.size(), 2U);
  expect_secret(unsealed(*tpm, what));
  expect_secret(unsealed(*tpm, what));
  Esys(WithSwTpm::tpm().tcti()).extend_pcr(ESYS_TR_PCR16, Bytes(32, std::byte{1}));
  auto refused = unsealed(*tpm, what);
  ASSERT_THAT(refused, FailsWith(kOtherPcrs));
  EXPECT_THAT(refused.error().message(),
              AllOf(HasSubstr("bound to, sha256:16,23,"), HasSubstr("that differ are sha256:16")));
  Esys(WithSwTpm::tpm().tcti()).extend_pcr(ESYS_TR_PCR7, Bytes(32, std::byte{1}));
  expect_secret(unsealed(*tpm, sealed(*tpm, kPcrs)));
}

TEST_F(SealingTest, EsysUnsealsIt) {
  auto tpm = made();
  auto free = sealed(*tpm);
  auto bound = sealed(*tpm, kPcrs);
  ASSERT_THAT(bound, IsOk());
  tpm.reset();
  Esys esys(WithSwTpm::tpm().tcti());
  ESYS_TR parent = esys.create_primary(storage_root(RootType::EccP256));
  ESYS_TR object = esys.load(parent, free->blob, {});
  EXPECT_EQ(esys.unseal(object, ESYS_TR_PASSWORD), secret());
  esys.flush(object);
  object = esys.load(parent, bound->blob, {});
  for (Session kind : {Session::Hmac, Session::HmacWithEncryption}) {
    ESYS_TR policy = esys.start_policy_pcr(parent, as_tss(kPcrs), kind);
    EXPECT_EQ(esys.unseal(object, policy), secret());
    esys.flush(policy);
  }
  esys.flush(object);
  esys.flush(parent);
}

TEST_F(SealingTest, AllPcrsOfABankCanBeBoundTo) {
  auto tpm = made();
  auto what = sealed(*tpm, {.bank = TPM2_ALG_SHA256, .mask = 0xFFFFFF});
  ASSERT_THAT(what, IsOk());
  EXPECT_EQ(what->pcrs.values.size(), 24U);
  auto stored = to_stored(*what);
  ASSERT_THAT(stored, IsOk());
  expect_secret(unsealed(*tpm, sealed_from_stored(*stored)));
}

TEST_F(SealingTest, ABankThatTheTpmLacksIsNamed) {
  auto tpm = made();
  ASSERT_THAT(sealed(*tpm), IsOk());
  // As such a TPM answers: of no PCR. Header, update counter, selections, digests.
  faults.on_answer = [](std::uint32_t code, Bytes& answer) {
    if (code != TPM2_CC_PCR_Read) return;
    answer.resize(22);
    std::fill(answer.begin() + 10, answer.end(), std::byte{0});
    answer[4] = std::byte{0};
    answer[5] = std::byte{22};
  };
  auto refused = sealed(*tpm, {.bank = TPM2_ALG_SHA512, .mask = 1});
  faults.on_answer = {};
  ASSERT_THAT(refused, FailsWith(Status::PsaErrorNotSupported));
  EXPECT_THAT(refused.error().message(), HasSubstr("no PCRs sha512:0"));
}

TEST_F(SealingTest, NeitherSecretNorItsAnswerCrossInTheClear) {
  std::vector<Bytes> seen;
  faults.on_command = [&](std::uint32_t, ByteView command) {
    seen.push_back(copy_of(command));
    return 0U;
  };
  faults.on_answer = [&](std::uint32_t, Bytes& answer) { seen.push_back(answer); };
  auto tpm = made();
  expect_secret(unsealed(*tpm, sealed(*tpm)));
  expect_secret(unsealed(*tpm, sealed(*tpm, kPcrs)));
  for (const Bytes& bytes : seen)
    EXPECT_THAT(std::string(text_of(bytes)), Not(HasSubstr("bytes of such")));
  faults.on_command = {};
  faults.on_answer = {};
}

TEST_F(SealingTest, AnotherTpmSaysThatItIsAnother) {
  auto what = sealed(*made());
  ASSERT_THAT(what, IsOk());
  WithSwTpm::tpm().replace();
  auto refused = unsealed(*made(), what);
  ASSERT_THAT(refused, FailsWith(kOtherTpm));
  EXPECT_THAT(refused.error().message(),
              AllOf(HasSubstr("another TPM has sealed it"), HasSubstr(to_hex(what->root_name))));
}

TEST_F(SealingTest, WhatWasAlteredIsRefused) {
  auto tpm = made();
  auto what = sealed(*tpm);
  ASSERT_THAT(what, IsOk());
  for (std::size_t at : {0U, 10U, 60U}) {
    SealedSecret altered = *what;
    altered.blob.private_area.buffer[at] ^= 1;
    EXPECT_FALSE(unsealed(*tpm, altered)) << at;
  }
  SealedSecret altered = *what;
  altered.blob.public_area.publicArea.unique.keyedHash.buffer[3] ^= 1;
  EXPECT_THAT(unsealed(*tpm, altered), FailsWith(Status::PsaErrorDataCorrupt));
  expect_secret(unsealed(*tpm, what));
}

// Somebody on the bus who changes what PCRs the TPM tells of binds the secret to other ones at
// worst; the answer is authenticated.
TEST_F(SealingTest, PcrsThatWereChangedOnTheWayAreNoticed) {
  auto tpm = made();
  ASSERT_THAT(sealed(*tpm), IsOk());
  faults.on_answer = [](std::uint32_t code, Bytes& answer) {
    if (code == TPM2_CC_PCR_Read) answer[answer.size() - 80] ^= std::byte{1};
  };
  EXPECT_FALSE(sealed(*tpm, kPcrs));
  faults.on_answer = {};
}

TEST_F(SealingTest, NothingIsLeftInTheTpm) {
  auto tpm = made();
  for (int i = 0; i < 8; ++i)
    expect_secret(unsealed(*tpm, sealed(*tpm, kPcrs)));
  EXPECT_LE(tpm->keys().loaded_count(), 1U);
}

TEST_F(SealingTest, WhatIsStoredComesBackAsItWas) {
  auto tpm = made();
  for (const PcrSelection& pcrs : {PcrSelection{}, kPcrs}) {
    auto what = sealed(*tpm, pcrs);
    auto stored = to_stored(*what);
    ASSERT_THAT(stored, IsOk());
    auto again = sealed_from_stored(*stored);
    ASSERT_THAT(again, IsOk());
    EXPECT_EQ(again->pcrs.pcrs, pcrs);
    expect_secret(unsealed(*tpm, again));
    for (std::size_t size = 0; size < stored->size(); ++size)
      EXPECT_THAT(sealed_from_stored(ByteView(*stored).first(size)),
                  FailsWith(Status::PsaErrorDataCorrupt));
  }
}

TEST_F(SealingTest, AnyBytesGiveASealedSecretOrAnError) {
  auto tpm = made();
  Bytes stored = *to_stored(*sealed(*tpm, kPcrs));
  std::mt19937 random(11);
  for (int i = 0; i < 3000; ++i) {
    Bytes altered = stored;
    for (int j = 0; j < 3; ++j)
      altered[random() % altered.size()] = static_cast<std::byte>(random());
    auto read = sealed_from_stored(altered);
    if (!read) {
      EXPECT_EQ(read.error().status(), Status::PsaErrorDataCorrupt);
    }
  }
}

TEST_F(SealingTest, ByTheExecutor) {
  Executor executor(made());
  constexpr std::chrono::seconds kLimit{10};
  auto text = SecretBuffer::copy_of(secret());
  auto stored = seal_secret(executor, *text, kPcrs, kLimit);
  ASSERT_THAT(stored, IsOk());
  auto found = unseal_secret(executor, *stored, kLimit);
  ASSERT_THAT(found, IsOk());
  EXPECT_TRUE(*found == *text);
  EXPECT_THAT(unseal_secret(executor, {}, kLimit), FailsWith(Status::PsaErrorDataCorrupt));
}

}  // namespace
}  // namespace strongroom::tpm
