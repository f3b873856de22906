// The store with a TPM: what is waited for, and what is not.
#include "service/key_sources/tpm_sources.h"

#include <future>
#include <thread>

#include "providers/tpm/executor.h"
#include "service/store/sqlite_store.h"
#include "tests/support/matchers.h"
#include "tests/support/tpm/sw_tpm.h"

namespace strongroom::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class TpmSourcesTest : public WithSwTpm {
 protected:
  using Waiting = EpochCounter::Waiting;
  static std::shared_ptr<tpm::Executor> executor() {
    tpm::Tpm::Settings settings;
    settings.opener = [] { return tpm::open_tcti(tpm().tcti()); };
    settings.is_exclusive = true;
    return std::make_shared<tpm::Executor>(*tpm::Tpm::with(std::move(settings)));
  }
  static std::shared_ptr<StoreKeySource> source(const tpm::PcrSelection& pcrs = {},
                                                std::chrono::milliseconds patience = 1500ms) {
    return tpm_key_source("tpm:chip", executor(), pcrs, patience);
  }
  static std::shared_ptr<EpochCounter> counter(std::chrono::milliseconds patience = 1500ms) {
    return tpm_epoch_counter("chip", executor(), 0, patience);
  }
  static std::string complaint(const Result<SecretBuffer>& read) {
    EXPECT_THAT(read, FailsWith(Status::KeyInfoManagerError));
    return read ? "none" : read.error().message();
  }
};

TEST_F(TpmSourcesTest, SecretsAreMadeAnewAndComeBack) {
  auto first = source()->provide();
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->material.size(), 32U);
  Result<SecretBuffer> read = source()->read(first->kept);
  ASSERT_THAT(read, IsOk());
  EXPECT_TRUE(*read == first->material);
  auto second = source()->provide();
  ASSERT_THAT(second, IsOk());
  EXPECT_FALSE(second->material == first->material);
}

TEST_F(TpmSourcesTest, ATpmThatComesLateIsWaitedFor) {
  auto kept = source()->provide();
  ASSERT_THAT(kept, IsOk());
  tpm().kill();
  auto late = source({}, 20s);
  auto read = std::async(std::launch::async, [&] { return late->read(kept->kept); });
  // It ends with the thread that starts it.
  std::this_thread::sleep_for(700ms);
  tpm().start();
  EXPECT_THAT(read.get(), IsOk());
}

TEST_F(TpmSourcesTest, ATpmThatDoesNotComeIsNotWaitedForForEver) {
  auto kept = source()->provide();
  ASSERT_THAT(kept, IsOk());
  tpm().kill();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(complaint(source()->read(kept->kept)), HasSubstr("did not come within 1500 ms"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 15s);
  tpm().start();
}

TEST_F(TpmSourcesTest, AnotherTpmIsRefusedAtOnceWithAdvice) {
  auto kept = source()->provide();
  ASSERT_THAT(kept, IsOk());
  tpm().replace();
  const auto begin = std::chrono::steady_clock::now();
  const std::string said = complaint(source({}, 60s)->read(kept->kept));
  EXPECT_THAT(said, HasSubstr("another TPM has sealed it"));
  EXPECT_THAT(said, HasSubstr("strongroom store recover"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
}

TEST_F(TpmSourcesTest, WhatIsMalformedIsRefusedAtOnce) {
  EXPECT_THAT(complaint(source({}, 60s)->read(bytes_of("nonsense"))), HasSubstr("malformed"));
}

TEST_F(TpmSourcesTest, ACounterIsPlannedMadeAndCounts) {
  auto counts = counter();
  Result<SecretBuffer> plan = counts->plan();
  ASSERT_THAT(plan, IsOk());
  EXPECT_THAT(counts->read(plan->reveal()), FailsWith(Status::PsaErrorDoesNotExist));
  Result<std::uint64_t> first = counts->establish(plan->reveal());
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(counts->advance(plan->reveal(), *first + 1, Waiting::Changes),
              IsOkAndHolds(*first + 1));
  EXPECT_THAT(counter()->read(plan->reveal()), IsOkAndHolds(*first + 1));
  EXPECT_THAT(counts->remove(plan->reveal()), IsOk());
  EXPECT_THAT(counts->read(plan->reveal()), FailsWith(Status::PsaErrorDoesNotExist));
}

TEST_F(TpmSourcesTest, AStepIsNotWaitedFor) {
  auto counts = counter(60s);
  Result<SecretBuffer> plan = counts->plan();
  ASSERT_THAT(plan, IsOk());
  const std::uint64_t first = *counts->establish(plan->reveal());
  tpm().freeze();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(counts->advance(plan->reveal(), first + 1, Waiting::Changes));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 4s);
  tpm().thaw();
  EXPECT_THAT(counts->read(plan->reveal()), IsOkAndHolds(first + 1)) << "made all the same";
  EXPECT_THAT(counts->remove(plan->reveal()), IsOk());
}

TEST_F(TpmSourcesTest, AStepThatAStartMakesIsWaitedFor) {
  auto counts = counter(60s);
  Result<SecretBuffer> plan = counts->plan();
  ASSERT_THAT(plan, IsOk());
  const std::uint64_t first = *counts->establish(plan->reveal());
  tpm().freeze();
  auto step = std::async(std::launch::async, [&] {
    return counts->advance(plan->reveal(), first + 1, Waiting::Start);
  });
  std::this_thread::sleep_for(3s);
  tpm().thaw();
  EXPECT_THAT(step.get(), IsOkAndHolds(first + 1));
  EXPECT_THAT(counts->remove(plan->reveal()), IsOk());
}

}  // namespace
}  // namespace strongroom::testing
