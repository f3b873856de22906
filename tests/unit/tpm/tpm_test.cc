// What comes back by itself, and what is told instead.
#include "providers/tpm/tpm.h"

#include "tests/support/hex.h"
#include "tests/support/tpm/esys.h"
#include "tests/unit/tpm/tpm_fixture.h"

namespace strongroom::tpm {
namespace {

using namespace std::chrono_literals;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;

using TpmTest = TpmFixture;

constexpr auto kDown = Status::PsaErrorHardwareFailure;

TEST_F(TpmTest, ASessionIsStartedOnceAndUsedAgain) {
  auto tpm = made();
  auto key = new_key(*tpm);
  ASSERT_THAT(key, IsOk());
  ASSERT_THAT(sign_with(*tpm, *key), IsOk());
  faults.forget_sent();
  for (int i = 0; i < 5; ++i)
    EXPECT_THAT(sign_with(*tpm, *key), IsOk());
  EXPECT_EQ(faults.sent().size(), 5U) << "one command a signature";
}

TEST_F(TpmTest, MoreKeysThanSlotsAreLoadedOnceAndThenComeFromTheirContexts) {
  auto tpm = made();
  std::vector<KeyMaterial> keys;
  for (int i = 0; i < 6; ++i)
    keys.push_back(*new_key(*tpm));
  for (int round = 0; round < 3; ++round)
    for (const KeyMaterial& key : keys)
      ASSERT_THAT(sign_with(*tpm, key), IsOk());
  EXPECT_EQ(faults.count_of(TPM2_CC_Load), keys.size());
  EXPECT_EQ(faults.count_of(TPM2_CC_ContextSave), keys.size() + 1) << "the root's, too";
  EXPECT_LE(tpm->keys().loaded_count(), 3U);
}

TEST_F(TpmTest, WhatOthersHoldInTheTpmLeavesLessRoom) {
  auto tpm = made();
  auto a = new_key(*tpm);
  auto b = new_key(*tpm);
  testing::Esys other(WithSwTpm::tpm().tcti());
  ESYS_TR held = other.create_primary(storage_root(RootType::EccP256));
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(sign_with(*tpm, *a), IsOk());
    EXPECT_THAT(sign_with(*tpm, *b), IsOk());
    EXPECT_THAT(new_key(*tpm), IsOk());
  }
  other.flush(held);
}

TEST_F(TpmTest, LeftoversOfProcessesThatDiedAreCleared) {
  auto died = made();
  for (int i = 0; i < 3; ++i)
    ASSERT_THAT(sign_with(*died, *new_key(*died)), IsOk());
  // It never gets to flush.
  [[maybe_unused]] static const Tpm* const kKept = died.release();
  auto tpm = made();
  auto key = new_key(*tpm);
  ASSERT_THAT(key, IsOk());
  EXPECT_THAT(sign_with(*tpm, *key), IsOk());
}

TEST_F(TpmTest, KeysWorkAfterAReset) {
  auto tpm = made();
  auto key = new_key(*tpm);
  ASSERT_THAT(sign_with(*tpm, *key), IsOk());
  WithSwTpm::tpm().reset();
  EXPECT_THAT(sign_with(*tpm, *key), IsOk());
}

TEST_F(TpmTest, KeysWorkAfterARestart) {
  auto tpm = made();
  std::vector<KeyMaterial> keys;
  for (int i = 0; i < 4; ++i)
    keys.push_back(*new_key(*tpm));
  for (const KeyMaterial& key : keys)
    ASSERT_THAT(sign_with(*tpm, key), IsOk());
  WithSwTpm::tpm().kill();
  EXPECT_THAT(sign_with(*tpm, keys[0]), FailsWith(kDown));
  EXPECT_THAT(sign_with(*tpm, keys[1]), FailsWith(kDown));
  WithSwTpm::tpm().start();
  for (const KeyMaterial& key : keys)
    EXPECT_THAT(sign_with(*tpm, key), IsOk());
}

TEST_F(TpmTest, ATpmThatIsAbsentAtFirstIsUsedOnceItIsThere) {
  WithSwTpm::tpm().kill();
  auto tpm = made();
  EXPECT_THAT(new_key(*tpm), FailsWith(kDown));
  WithSwTpm::tpm().start();
  EXPECT_THAT(new_key(*tpm), IsOk());
}

TEST_F(TpmTest, AnotherTpmIsRefusedAndNamed) {
  auto tpm = made();
  auto key = new_key(*tpm);
  ASSERT_THAT(key, IsOk());
  auto again = settings();
  again.pinned_root = tpm->root_name();
  WithSwTpm::tpm().replace();
  auto refused = sign_with(*tpm, *key);
  ASSERT_THAT(refused, FailsWith(kDown));
  EXPECT_THAT(refused.error().message(), HasSubstr("another TPM"));
  auto restarted = made(std::move(again));
  EXPECT_THAT(sign_with(*restarted, *key), FailsWith(kDown));
}

TEST_F(TpmTest, AClearedHierarchyIsRefusedAndNamed) {
  auto tpm = made();
  auto key = new_key(*tpm);
  ASSERT_THAT(sign_with(*tpm, *key), IsOk());
  // TPM2_Clear by the platform's authorization, which has no password: TPM 2.0 r1.59 Part 3 §24.6.
  auto device = *Device::over([] { return open_tcti(WithSwTpm::tpm().tcti()); });
  auto cleared = device->transact(
      "TPM2_Clear",
      testing::from_hex("8002 0000001b 00000126 4000000c 00000009 40000009 0000 00 0000"));
  ASSERT_THAT(cleared, IsOk());
  ASSERT_EQ(response_code(*cleared), TPM2_RC_SUCCESS);
  auto refused = sign_with(*tpm, *key);
  ASSERT_THAT(refused, FailsWith(kDown));
  EXPECT_THAT(refused.error().message(), HasSubstr("hierarchy was cleared"));
}

TEST_F(TpmTest, AnotherTypeOfRootIsAnotherRoot) {
  auto tpm = made();
  ASSERT_THAT(new_key(*tpm), IsOk());
  auto changed = settings();
  changed.pinned_root = tpm->root_name();
  changed.root = RootType::Rsa2048;
  EXPECT_THAT(new_key(*made(std::move(changed))), FailsWith(kDown));
}

TEST_F(TpmTest, AnRsaRootServesAsWell) {
  auto chosen = settings();
  chosen.root = RootType::Rsa2048;
  auto tpm = made(std::move(chosen));
  auto key = new_key(*tpm);
  ASSERT_THAT(key, IsOk());
  EXPECT_THAT(sign_with(*tpm, *key), IsOk());
}

TEST_F(TpmTest, WhatTheTpmSaysOfALossIsMadeGoodOnce) {
  for (TPM2_RC code :
       {TPM2_RC_REFERENCE_H0, TPM2_RC_REFERENCE_S0, TPM2_RC_HANDLE + TPM2_RC_H + TPM2_RC_1,
        TPM2_RC_BAD_AUTH + TPM2_RC_S + TPM2_RC_1, TPM2_RC_AUTH_FAIL + TPM2_RC_S + TPM2_RC_1,
        TPM2_RC_CONTEXT_GAP, TPM2_RC_SESSION_MEMORY}) {
    auto tpm = made();
    auto key = new_key(*tpm);
    ASSERT_THAT(key, IsOk());
    faults.forget_sent();
    faults.refuse_next(TPM2_CC_Sign, code);
    EXPECT_THAT(sign_with(*tpm, *key), IsOk()) << std::hex << code;
    EXPECT_EQ(faults.count_of(TPM2_CC_Sign), 2U);
    EXPECT_EQ(faults.count_of(TPM2_CC_StartAuthSession), 2U);
    faults.refuse_next(TPM2_CC_Sign, code, 2);
    EXPECT_FALSE(sign_with(*tpm, *key)) << std::hex << code;
    EXPECT_THAT(sign_with(*tpm, *key), IsOk()) << std::hex << code;
  }
}

TEST_F(TpmTest, ContextsThatAreNoLongerGoodAreReplaced) {
  auto tpm = made();
  std::vector<KeyMaterial> keys;
  for (int i = 0; i < 4; ++i)
    keys.push_back(*new_key(*tpm));
  for (const KeyMaterial& key : keys)
    ASSERT_THAT(sign_with(*tpm, key), IsOk());
  faults.forget_sent();
  faults.refuse_next(TPM2_CC_ContextLoad, TPM2_RC_INTEGRITY + TPM2_RC_P + TPM2_RC_1);
  EXPECT_THAT(sign_with(*tpm, keys[0]), IsOk());
  EXPECT_EQ(faults.count_of(TPM2_CC_Load), 1U);
}

TEST_F(TpmTest, LockoutAndFailureAreToldAtOnce) {
  auto tpm = made();
  auto key = new_key(*tpm);
  for (TPM2_RC code : {TPM2_RC_LOCKOUT, TPM2_RC_FAILURE}) {
    faults.forget_sent();
    faults.refuse_next(TPM2_CC_Sign, code);
    EXPECT_THAT(sign_with(*tpm, *key), FailsWith(kDown));
    EXPECT_EQ(faults.count_of(TPM2_CC_Sign), 1U);
    EXPECT_THAT(sign_with(*tpm, *key), IsOk());
  }
}

TEST_F(TpmTest, AnAlteredAnswerIsToldAndTheSessionReplaced) {
  auto tpm = made();
  auto key = new_key(*tpm);
  ASSERT_THAT(sign_with(*tpm, *key), IsOk());
  faults.forget_sent();
  faults.on_answer = [](std::uint32_t code, Bytes& answer) {
    if (code == TPM2_CC_Sign) answer.back() ^= std::byte{1};
  };
  EXPECT_THAT(sign_with(*tpm, *key), FailsWith(Status::PsaErrorCorruptionDetected));
  EXPECT_EQ(faults.count_of(TPM2_CC_Sign), 1U) << "not tried again";
  faults.on_answer = {};
  EXPECT_THAT(sign_with(*tpm, *key), IsOk());
}

TEST_F(TpmTest, AnAnswerThatComesTooLateIsNotWaitedForAndAnswersNothingElse) {
  auto impatient = settings();
  impatient.limits.short_command = 100ms;
  auto tpm = made(std::move(impatient));
  auto key = new_key(*tpm);
  ASSERT_THAT(sign_with(*tpm, *key), IsOk());
  faults.delay_next(TPM2_CC_Sign, 10ms);
  EXPECT_THAT(sign_with(*tpm, *key), IsOk());
  faults.forget_sent();
  faults.delay_next(TPM2_CC_Sign, 200ms);
  EXPECT_THAT(sign_with(*tpm, *key), FailsWith(Status::PsaErrorCommunicationFailure));
  EXPECT_EQ(faults.count_of(TPM2_CC_Sign), 1U) << "not tried again";
  EXPECT_THAT(sign_with(*tpm, *key), IsOk());
}

TEST_F(TpmTest, AWrongHierarchyPasswordIsTriedOnASecondSessionAndNoMore) {
  const Bytes password = bytes_of("correct horse");
  {
    testing::Esys other(WithSwTpm::tpm().tcti());
    other.set_owner_password(password);
  }
  auto wrong = settings();
  wrong.owner_auth = *SecretBuffer::copy_of(view_of("battery staple"));
  auto refused = made(std::move(wrong));
  auto first = new_key(*refused);
  ASSERT_THAT(first, FailsWith(kDown));
  EXPECT_THAT(first.error().message(), HasSubstr("password is wrong"));
  EXPECT_THAT(new_key(*refused), FailsWith(kDown));
  EXPECT_EQ(faults.count_of(TPM2_CC_CreatePrimary), 2U);
  auto right = settings();
  right.owner_auth = *SecretBuffer::copy_of(password);
  EXPECT_THAT(new_key(*made(std::move(right))), IsOk());
  WithSwTpm::tpm().replace();
}

TEST_F(TpmTest, APasswordIsNotBlamedForASessionThatWasLost) {
  auto tpm = made();
  faults.refuse_next(TPM2_CC_CreatePrimary, TPM2_RC_BAD_AUTH | TPM2_RC_S | TPM2_RC_1);
  EXPECT_THAT(new_key(*tpm), IsOk());
  EXPECT_EQ(tpm->refused_password(), std::nullopt);
}

TEST_F(TpmTest, StoredMaterialIsReadAgainAndNothingElse) {
  auto tpm = made();
  auto key = new_key(*tpm);
  ASSERT_THAT(key, IsOk());
  auto stored = to_stored(key->auth.reveal(), key->blob);
  ASSERT_THAT(stored, IsOk());
  const Primitives primitives = *Primitives::load();
  auto read = from_stored(primitives, *stored);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->name, key->name);
  for (std::size_t size = 0; size < stored->size(); ++size) {
    auto cut = SecretBuffer::copy_of(stored->reveal().first(size));
    EXPECT_THAT(from_stored(primitives, *cut), FailsWith(Status::PsaErrorDataCorrupt)) << size;
  }
}

}  // namespace
}  // namespace strongroom::tpm
