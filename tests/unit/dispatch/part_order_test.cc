// In which order parts run, and what becomes of those behind one that is stuck.
#include <future>
#include <thread>

#include "tests/unit/dispatch/multipart_fixture.h"

namespace strongroom {
namespace {

using namespace std::chrono_literals;
using testing::finish_of;
using testing::kLong;
using testing::Multipart;
using testing::request_of;
using testing::result_in;
using testing::ServiceOptions;
using testing::ServiceUnderTest;
using testing::setup_of_hash;
using testing::update_of;

TEST_F(Multipart, PartsOfOneConnectionRunInTheOrderOfTheirArrival) {
  ServiceUnderTest service({.lanes = {.workers = 4}});
  constexpr std::uint64_t kParts = 60;
  for (int round = 0; round < 20; ++round) {
    const std::uint64_t id =
        result_in<::multipart_setup::Result>(service.ask(setup_of_hash(psa::Hash::Sha512)))
            .operation_id();
    std::string expected;
    std::vector<std::future<Response>> answers;
    for (std::uint64_t part = 1; part <= kParts; ++part) {
      const char first = static_cast<char>('A' + part % 50);
      expected += first;
      const bool is_inline = (part + static_cast<std::uint64_t>(round)) % 3 == 0;
      answers.push_back(
          service.begin(update_of(id, part, std::string(is_inline ? 1 : kLong, first))));
    }
    auto end = service.begin(finish_of(id, kParts + 1));
    for (auto& answer : answers)
      ASSERT_EQ(answer.get().header.status, std::to_underlying(Status::Success));
    const auto result = result_in<::multipart_finish::Result>(end.get());
    ASSERT_EQ(result.digest(), expected + "hhhh");
  }
}

TEST_F(Multipart, AShortPartRunsWhereItWasRead) {
  const std::uint64_t id = begun_hash();
  std::promise<std::thread::id> answered;
  Slice slice;
  service_.front_end().serve(update_of(id, 1), service_.caller, slice, {}, [&answered](Response) {
    answered.set_value(std::this_thread::get_id());
  });
  EXPECT_EQ(answered.get_future().get(), std::this_thread::get_id());
}

TEST_F(Multipart, APartWithoutMemoryEndsIt) {
  const std::uint64_t id = begun_hash();
  service_.provider().is_out_of_memory = true;
  EXPECT_EQ(status_of(update_of(id, 1)), Status::PsaErrorInsufficientMemory);
  service_.provider().is_out_of_memory = false;
  EXPECT_EQ(status_of(update_of(id, 1)), Status::PsaErrorBadState);
  const std::uint64_t in_lane = begun_hash();
  service_.provider().is_out_of_memory = true;
  EXPECT_EQ(status_of(update_of(in_lane, 1, std::string(kLong, 'x'))),
            Status::PsaErrorInsufficientMemory);
  service_.provider().is_out_of_memory = false;
  EXPECT_EQ(status_of(update_of(in_lane, 1)), Status::PsaErrorBadState);
  EXPECT_EQ(service_.caller.session->operations(1)->size(), 0U);
}

// A part that is stuck in a worker, and others behind it.
class StuckPart : public Multipart {
 protected:
  explicit StuckPart(ServiceOptions options = {}) : Multipart(std::move(options)) {
    id_ = begun_hash();
    service_.provider().parts.close();
    stuck_ = service_.begin(update_of(id_, 1, std::string(kLong, 'x')));
    service_.provider().parts.await_entered(1);
  }
  std::future<Response> behind(std::uint64_t number, std::stop_token gone = {}) {
    return service_.begin(update_of(id_, number), std::move(gone));
  }
  static Status status_in(std::future<Response>& answer) {
    return *status_from(answer.get().header.status);
  }

  std::uint64_t id_ = 0;
  std::future<Response> stuck_;
};

TEST_F(StuckPart, HoldsUpThoseBehindItAndNoOtherRequest) {
  auto second = behind(2);
  EXPECT_EQ(status_of(request_of(Opcode::Ping, {})), Status::Success);
  EXPECT_EQ(second.wait_for(20ms), std::future_status::timeout);
  service_.provider().parts.open();
  EXPECT_EQ(status_in(stuck_), Status::Success);
  EXPECT_EQ(status_in(second), Status::Success);
}

TEST_F(StuckPart, WhoseClientIsGoneTakesThoseBehindItAlong) {
  std::stop_source gone;
  std::vector<std::future<Response>> parked;
  for (std::uint64_t number = 2; number < 60; ++number)
    parked.push_back(behind(number, gone.get_token()));
  gone.request_stop();
  service_.provider().parts.open();
  for (auto& answer : parked)
    EXPECT_THROW(answer.get(), std::future_error);
  EXPECT_EQ(status_in(stuck_), Status::Success);
  EXPECT_EQ(status_of(update_of(id_, 3)), Status::PsaErrorBadState) << "the second never ran";
}

TEST_F(StuckPart, TheEndOfTheServiceEndsThoseBehindIt) {
  std::vector<std::future<Response>> parked;
  for (std::uint64_t number = 2; number < 60; ++number)
    parked.push_back(behind(number));
  std::jthread later([this] {
    std::this_thread::sleep_for(20ms);
    service_.provider().parts.open();
  });
  service_.lanes().stop();
  for (auto& answer : parked)
    EXPECT_THROW(answer.get(), std::future_error);
}

class PartStuckTooLong : public StuckPart {
 protected:
  PartStuckTooLong() : StuckPart({.lanes = {.queue_timeout = 50ms}}) {}
};

TEST_F(PartStuckTooLong, ThoseBehindItAreRefusedAndTheOperationHasEnded) {
  auto second = behind(2);
  auto third = behind(3);
  std::this_thread::sleep_for(60ms);
  service_.provider().parts.open();
  EXPECT_EQ(status_in(stuck_), Status::Success);
  EXPECT_EQ(status_in(second), Status::PsaErrorInsufficientMemory);
  EXPECT_EQ(status_in(third), Status::PsaErrorInsufficientMemory);
  EXPECT_EQ(status_of(update_of(id_, 4)), Status::PsaErrorBadState);
}

}  // namespace
}  // namespace strongroom
