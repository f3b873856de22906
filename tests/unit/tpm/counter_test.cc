// Counters in NV memory, step by step and against ESYS.
#include "providers/tpm/vault/epoch_counter.h"
#include "tests/support/tpm/esys.h"
#include "tests/unit/tpm/tpm_fixture.h"

namespace strongroom::tpm {
namespace {

using testing::Esys;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;

constexpr auto kGone = Status::PsaErrorDoesNotExist;
constexpr auto kForeign = Status::PsaErrorAlreadyExists;
constexpr TPM2_HANDLE kIndex = 0x01805200;

std::uint64_t number_of(ByteView octets) {
  std::uint64_t value = 0;
  for (std::byte octet : octets)
    value = value << 8U | std::to_integer<std::uint64_t>(octet);
  return value;
}

class CounterTest : public TpmFixture {
 protected:
  void SetUp() override {
    TpmFixture::SetUp();
    if (!IsSkipped()) tpm_ = made();
  }
  void TearDown() override {
    faults.on_command = {};
    faults.on_answer = {};
    if (tpm_ && counter_) {
      EXPECT_THAT(give_back(), IsOk());
    }
    tpm_.reset();
  }
  NvCounter& planned(TPM2_HANDLE index = 0) {
    auto plan = tpm_->run([&] { return planned_counter(*tpm_, index); });
    EXPECT_THAT(plan, IsOk());
    counter_ = std::make_unique<NvCounter>(*std::move(plan));
    return *counter_;
  }
  Outcome<std::uint64_t> establish() {
    return tpm_->run([&] { return established(*tpm_, *counter_); });
  }
  Outcome<std::uint64_t> value() {
    return tpm_->run([&] { return value_of(*tpm_, *counter_); });
  }
  Outcome<std::uint64_t> advance(std::uint64_t wanted) {
    return tpm_->run([&] { return advanced(*tpm_, *counter_, wanted); });
  }
  Outcome<> give_back() {
    return tpm_->run([&] { return removed(*tpm_, *counter_); });
  }

  std::unique_ptr<Tpm> tpm_;
  std::unique_ptr<NvCounter> counter_;
};

TEST_F(CounterTest, CountsFromWhereItWasEstablished) {
  planned();
  EXPECT_GE(counter_->index, kFirstOwnerIndex);
  auto first = establish();
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(value(), IsOkAndHolds(*first));
  EXPECT_THAT(advance(*first + 1), IsOkAndHolds(*first + 1));
  EXPECT_THAT(value(), IsOkAndHolds(*first + 1));
  EXPECT_EQ(
      number_of(Esys(WithSwTpm::tpm().tcti()).read_nv(counter_->index, counter_->auth.reveal(), 8)),
      *first + 1);
}

TEST_F(CounterTest, AdvancesByOneStepAndOnlyIfThatIsIt) {
  planned();
  const std::uint64_t first = *establish();
  EXPECT_THAT(advance(first), IsOkAndHolds(first)) << "it is there";
  EXPECT_THAT(advance(first + 2), IsOkAndHolds(first)) << "two steps";
  EXPECT_THAT(advance(first - 1), IsOkAndHolds(first)) << "never back";
  EXPECT_THAT(value(), IsOkAndHolds(first));
}

TEST_F(CounterTest, OutlivesARestartOfTheTpm) {
  planned();
  const std::uint64_t first = *establish();
  ASSERT_THAT(advance(first + 1), IsOk());
  tpm_.reset();
  WithSwTpm::tpm().kill();
  WithSwTpm::tpm().start();
  tpm_ = made();
  EXPECT_THAT(value(), IsOkAndHolds(first + 1));
}

TEST_F(CounterTest, EachStepOfEstablishingCanBeTakenUp) {
  planned();
  ASSERT_THAT(
      tpm_->run([&]() -> Outcome<> { return define_counter(tpm_->secured(), {}, *counter_); }),
      IsOk());
  EXPECT_FALSE(value()) << "it has not counted";
  auto first = establish();
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(establish(), IsOkAndHolds(*first)) << "and once more changes nothing";
}

TEST_F(CounterTest, MadeAnewItNeverRepeatsItself) {
  planned(kIndex);
  const std::uint64_t first = *establish();
  ASSERT_THAT(advance(first + 1), IsOk());
  ASSERT_THAT(give_back(), IsOk());
  EXPECT_THAT(value(), FailsWith(kGone));
  EXPECT_GT(*establish(), first + 1);
}

TEST_F(CounterTest, IsMadeWhereThereIsRoom) {
  Esys esys(WithSwTpm::tpm().tcti());
  const TPMA_NV ordinary = TPMA_NV_AUTHREAD | TPMA_NV_AUTHWRITE | TPMA_NV_NO_DA;
  for (TPM2_HANDLE index : {kFirstOwnerIndex, kFirstOwnerIndex + 1, kFirstOwnerIndex + 3})
    esys.define_nv(index, ordinary, {});
  EXPECT_EQ(planned().index, kFirstOwnerIndex + 2);
  ASSERT_THAT(establish(), IsOk());
  auto taken = tpm_->run([&] { return planned_counter(*tpm_, kFirstOwnerIndex + 3); });
  ASSERT_THAT(taken, FailsWith(kForeign));
  EXPECT_THAT(taken.error().message(), HasSubstr("0x01800003 of the TPM is taken"));
  for (TPM2_HANDLE index : {kFirstOwnerIndex, kFirstOwnerIndex + 1, kFirstOwnerIndex + 3})
    esys.undefine_nv(index);
}

TEST_F(CounterTest, IsMadeWhereItIsTold) {
  EXPECT_EQ(planned(kIndex).index, kIndex);
}

TEST_F(CounterTest, AnotherTpmSaysThatItHasNone) {
  planned();
  ASSERT_THAT(establish(), IsOk());
  tpm_.reset();
  WithSwTpm::tpm().replace();
  tpm_ = made();
  auto refused = value();
  ASSERT_THAT(refused, FailsWith(kGone));
  EXPECT_THAT(refused.error().message(), HasSubstr("nothing at NV index 0x0180"));
}

TEST_F(CounterTest, OneThatSomebodyElseHasMadeIsNotTaken) {
  planned(kIndex);
  Esys esys(WithSwTpm::tpm().tcti());
  esys.define_nv(kIndex, TPMA_NV_AUTHREAD | TPMA_NV_AUTHWRITE, {});
  EXPECT_THAT(establish(), FailsWith(kForeign));
  esys.undefine_nv(kIndex);

  const TPMA_NV like_ours = TPMA_NV_AUTHREAD | TPMA_NV_AUTHWRITE | TPMA_NV_NO_DA |
                            (TPMA_NV{TPM2_NT_COUNTER} << TPMA_NV_TPM2_NT_SHIFT);
  esys.define_nv(kIndex, like_ours, bytes_of("another secret"));
  auto refused = establish();
  ASSERT_THAT(refused, FailsWith(kForeign));
  EXPECT_THAT(refused.error().message(), HasSubstr("has another secret than ours"));
  esys.undefine_nv(kIndex);
}

TEST_F(CounterTest, IsNotBlamedForASessionThatWasLost) {
  planned();
  const std::uint64_t first = *establish();
  for (TSS2_RC code : {TPM2_RC_BAD_AUTH, TPM2_RC_AUTH_FAIL}) {
    faults.refuse_next(TPM2_CC_NV_Read, code | TPM2_RC_S | TPM2_RC_1);
    EXPECT_THAT(value(), IsOkAndHolds(first));
  }
  faults.refuse_next(TPM2_CC_NV_Increment, TPM2_RC_BAD_AUTH | TPM2_RC_S | TPM2_RC_1);
  EXPECT_THAT(advance(first + 1), IsOkAndHolds(first + 1));
}

TEST_F(CounterTest, WritesThatAreTooFastAreWaitedFor) {
  planned();
  const std::uint64_t first = *establish();
  faults.refuse_next(TPM2_CC_NV_Increment, TPM2_RC_NV_RATE, 3);
  EXPECT_THAT(advance(first + 1), IsOkAndHolds(first + 1));
}

TEST_F(CounterTest, AValueThatWasChangedOnTheWayIsNoticed) {
  planned();
  ASSERT_THAT(establish(), IsOk());
  faults.on_answer = [](std::uint32_t code, Bytes& answer) {
    // Header, size of the parameters, size of the buffer, counter.
    if (code == TPM2_CC_NV_Read && answer.size() > 24) answer[23] ^= std::byte{1};
  };
  EXPECT_THAT(value(), FailsWith(Status::PsaErrorCorruptionDetected));
  faults.on_answer = {};
}

TEST_F(CounterTest, ItsSecretIsNeverOnTheWayInTheClear) {
  planned();
  const std::string secret(text_of(counter_->auth.reveal()));
  bool is_seen = false;
  faults.on_command = [&](std::uint32_t, ByteView command) {
    is_seen = is_seen || std::string(text_of(command)).contains(secret);
    return 0U;
  };
  ASSERT_THAT(establish(), IsOk());
  ASSERT_THAT(value(), IsOk());
  EXPECT_FALSE(is_seen);
}

TEST_F(CounterTest, TheOwnersPasswordIsUsedToMakeIt) {
  const Bytes password = bytes_of("owner");
  Esys(WithSwTpm::tpm().tcti()).set_owner_password(password);
  auto chosen = settings();
  chosen.owner_auth = *SecretBuffer::copy_of(password);
  tpm_ = made(std::move(chosen));
  planned();
  EXPECT_THAT(establish(), IsOk());
  EXPECT_THAT(value(), IsOk());
  ASSERT_THAT(give_back(), IsOk());
  counter_.reset();
  tpm_.reset();
  WithSwTpm::tpm().replace();
}

TEST_F(CounterTest, WhatIsStoredComesBackAsItWas) {
  NvCounter& counter = planned(kIndex);
  auto stored = to_stored(counter);
  ASSERT_THAT(stored, IsOk());
  auto again = counter_from_stored(stored->reveal());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->index, counter.index);
  EXPECT_TRUE(again->auth == counter.auth);
  for (std::size_t size = 0; size < stored->size(); ++size)
    EXPECT_THAT(counter_from_stored(stored->reveal().first(size)),
                FailsWith(Status::PsaErrorDataCorrupt));
}

}  // namespace
}  // namespace strongroom::tpm
