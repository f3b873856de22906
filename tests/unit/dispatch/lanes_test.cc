#include "service/dispatch/lanes.h"

#include <future>

#include <gmock/gmock.h>

#include "tests/support/fake_provider.h"
#include "tests/support/matchers.h"
#include "tests/support/no_more_threads.h"

namespace strongroom {
namespace {

using namespace std::chrono_literals;
using testing::FailsWith;
using testing::FakeProvider;
using testing::Gate;
using testing::IsOk;

ProviderDescription provider(ProviderId id, std::string instance) {
  return FakeProvider(std::to_underlying(id), std::move(instance)).description();
}

// Keeps `lane` from doing anything else; the answer of what waits behind it.
std::future<Result<Bytes>> wait_behind(Gate& gate, Lane& lane, Cost cost = Cost(1)) {
  const auto accounts = Accounts::create({});
  std::promise<Result<Bytes>> promise;
  auto answer = promise.get_future();
  gate.close();
  for (bool is_stuck : {true, false}) {
    Job job{.account = accounts->account_of(Principal::user(1)),
            .gone = {},
            .reply = {},
            .generation = nullptr,
            .plan = nullptr,
            .work = {.cost = cost, .run = [&gate](Reply reply, const std::stop_token& stop) {
                       gate.pass(stop);
                       reply(Bytes());
                     }}};
    if (is_stuck)
      job.reply = [](const Result<Bytes>&) {};
    else
      job.reply = [promise = std::move(promise)](Result<Bytes> result) mutable {
        promise.set_value(std::move(result));
      };
    lane.submit(std::move(job));
    gate.await_entered(1);
  }
  return answer;
}

TEST(Lanes, KeepTheLaneOfAProvider) {
  Lanes lanes({.workers = 1});
  ASSERT_THAT(lanes.start(), IsOk());
  Lane* lane = *lanes.lane_of(provider(ProviderId::Software, "one"));
  EXPECT_EQ(*lanes.lane_of(provider(ProviderId::Software, "one")), lane);
  EXPECT_NE(*lanes.lane_of(provider(ProviderId::Software, "two")), lane);
  EXPECT_NE(*lanes.lane_of(provider(ProviderId::Pkcs11, "one")), lane);
}

TEST(Lanes, KnowDevicesFromSoftware) {
  Lanes lanes({.workers = 1});
  ASSERT_THAT(lanes.start(), IsOk());
  auto kind_of = [&](ProviderId id) { return (*lanes.lane_of(provider(id, "p")))->kind(); };
  EXPECT_EQ(kind_of(ProviderId::Software), Lane::Kind::Software);
  for (ProviderId id : {ProviderId::Pkcs11, ProviderId::Tpm, ProviderId::CryptoAuthLib})
    EXPECT_EQ(kind_of(id), Lane::Kind::Device);
  EXPECT_EQ(lanes.core().kind(), Lane::Kind::Software);
}

TEST(Lanes, AnswerLateWorkThoughEveryWorkerIsStuck) {
  Lanes lanes({.workers = 1, .queue_timeout = 300ms});
  ASSERT_THAT(lanes.start(), IsOk());
  Gate gate;
  EXPECT_THAT(wait_behind(gate, lanes.core()).get(), FailsWith(Status::PsaErrorInsufficientMemory));
  gate.open();
}

TEST(Lanes, ANewTimeoutHoldsForAllLanesOldAndNew) {
  Lanes lanes({.workers = 1, .queue_timeout = 1h});
  ASSERT_THAT(lanes.start(), IsOk());
  Gate old_gate;
  auto old_one = wait_behind(old_gate, **lanes.lane_of(provider(ProviderId::Pkcs11, "old")));
  lanes.limit_queueing(20ms);
  EXPECT_THAT(old_one.get(), FailsWith(Status::PsaErrorHardwareFailure));
  Gate new_gate;
  lanes.limit_queueing(300ms);
  auto new_one = wait_behind(new_gate, **lanes.lane_of(provider(ProviderId::Pkcs11, "new")));
  EXPECT_THAT(new_one.get(), FailsWith(Status::PsaErrorHardwareFailure));
  old_gate.open();
  new_gate.open();
}

TEST(Lanes, CancelWhatRunsTooLong) {
  Lanes lanes({.workers = 1, .run_timeout = 20ms});
  ASSERT_THAT(lanes.start(), IsOk());
  Gate gate;
  EXPECT_THAT(wait_behind(gate, lanes.core()).get(), IsOk());
}

TEST(Lanes, ReportOnEach) {
  Lanes lanes({.workers = 1});
  ASSERT_THAT(lanes.start(), IsOk());
  ASSERT_THAT(lanes.lane_of(provider(ProviderId::Software, "soft")), IsOk());
  Gate gate;
  auto waiting = wait_behind(gate, lanes.core(), Cost(12));
  const auto reports = lanes.report();
  ASSERT_EQ(reports.size(), 3U);
  EXPECT_EQ(reports[0].name, "core");
  EXPECT_EQ(reports[0].queued, 1U);
  EXPECT_EQ(reports[0].queued_cost, Cost(12));
  EXPECT_EQ(reports[0].running, 1U);
  EXPECT_EQ(reports[1].name, "admin");
  EXPECT_EQ(reports[2].name, "soft");
  EXPECT_EQ(reports[2].queued, 0U);
  gate.open();
  EXPECT_THAT(waiting.get(), IsOk());
}

TEST(Lanes, SayThatThereIsNoThreadForALane) {
  Lanes lanes({.workers = 1});
  ASSERT_THAT(lanes.start(), IsOk());
  {
    const testing::NoMoreThreads none;
    EXPECT_THAT(lanes.lane_of(provider(ProviderId::Tpm, "p")), FailsWith(Status::ConnectionError));
  }
  EXPECT_THAT(lanes.lane_of(provider(ProviderId::Tpm, "p")), IsOk());
}

}  // namespace
}  // namespace strongroom
