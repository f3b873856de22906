// Where requests run, and what happens to them when nobody waits any more.
#include "service/dispatch/dispatcher.h"

#include <future>
#include <thread>
#include <unistd.h>

#include "psa_generate_random.pb.h"
#include "tests/support/service_under_test.h"

namespace strongroom {
namespace {

using namespace std::chrono_literals;
using testing::ecc_pair;
using testing::generate_body;
using testing::request_of;
using testing::ServiceUnderTest;
using testing::valid_body;

// The thread that answered.
std::thread::id answerer_of(const ServiceUnderTest& service, Request request, Slice slice = {}) {
  std::promise<std::thread::id> answered;
  service.front_end().serve(std::move(request), service.caller, slice, {}, [&answered](Response) {
    answered.set_value(std::this_thread::get_id());
  });
  return answered.get_future().get();
}

Request generation_of(std::string_view name) {
  return request_of(Opcode::PsaGenerateKey, generate_body(name, ecc_pair()));
}

// To the fake that has the id of a TPM.
Request to_the_device(Request request) {
  request.header.provider = std::to_underlying(ProviderId::Tpm);
  return request;
}

Request signing() {
  return request_of(Opcode::PsaSignHash, valid_body(Opcode::PsaSignHash));
}

Request random_of(std::uint64_t size) {
  psa_generate_random::Operation message;
  message.set_size(size);
  return request_of(Opcode::PsaGenerateRandom, *serialized(message));
}

TEST(Dispatcher, ShortRequestsRunWhereTheyWereRead) {
  ServiceUnderTest service;
  service.make_key_for(Opcode::PsaSignHash);
  EXPECT_EQ(answerer_of(service, request_of(Opcode::Ping, {})), std::this_thread::get_id());
  EXPECT_EQ(answerer_of(service, signing()), std::this_thread::get_id());
}

TEST(Dispatcher, LongRequestsRunInTheLane) {
  ServiceUnderTest service;
  EXPECT_NE(answerer_of(service, random_of(1024 * 1024)), std::this_thread::get_id());
  EXPECT_NE(answerer_of(service, request_of(Opcode::Ping, Bytes(kInlineBody + 1))),
            std::this_thread::get_id());
}

TEST(Dispatcher, WhoHasUsedUpItsSliceOfTheTurnIsServedInTheLaneBesideOthers) {
  ServiceUnderTest service;
  const Caller mine = service.caller;
  const auto ping = [] { return request_of(Opcode::Ping, {}); };
  Slice used_up;
  ASSERT_TRUE(used_up.take(*mine.account, Slice::kPerTurn));
  EXPECT_EQ(answerer_of(service, ping(), used_up), std::this_thread::get_id()) << "alone";

  service.ask_as(mine.peer.uid + 1);
  const Caller other = service.caller;
  Request others = ping();
  others.header.auth_type = 0;
  EXPECT_EQ(answerer_of(service, std::move(others), used_up), std::this_thread::get_id());

  service.caller = mine;
  EXPECT_NE(answerer_of(service, ping(), used_up), std::this_thread::get_id());
  EXPECT_EQ(answerer_of(service, ping()), std::this_thread::get_id()) << "in the next turn";
}

TEST(Dispatcher, TheLaneBeginsNothingForWhoDoesNotTakeItsAnswers) {
  ServiceUnderTest service;
  const std::size_t limit = Accounts::Limits().per_principal.bytes;
  Charge requests = service.caller.account->charge({.bytes = 3 * limit});
  EXPECT_EQ(service.status_of(random_of(1024 * 1024)), Status::Success);
  Charge answers = service.caller.account->charge({.bytes = 2 * limit, .unsent = 2 * limit});
  EXPECT_EQ(service.status_of(random_of(1024 * 1024)), Status::PsaErrorInsufficientMemory);
  answers.release();
  EXPECT_EQ(service.status_of(random_of(1024 * 1024)), Status::Success);
}

TEST(Dispatcher, ARecordThatHasToBeReadIsReadInTheLane) {
  ServiceUnderTest service;
  service.make_key_for(Opcode::PsaSignHash);
  service.store().forget_cached(service.id_of("web"));
  EXPECT_NE(answerer_of(service, signing()), std::this_thread::get_id());
  EXPECT_EQ(answerer_of(service, signing()), std::this_thread::get_id());
}

TEST(Dispatcher, APrincipalWithWorkWaitingIsNotServedInlineAndOthersAre) {
  ServiceUnderTest service;
  service.make_key_for(Opcode::PsaSignHash);
  service.provider().generation.close();
  auto running = service.begin(generation_of("first"));
  service.provider().generation.await_entered(2);
  auto waiting = service.begin(generation_of("second"));
  auto overtaken = service.begin(signing());
  EXPECT_EQ(overtaken.wait_for(0s), std::future_status::timeout);
  EXPECT_EQ(service.status_of(Opcode::Ping), Status::Success);

  service.ask_as(service.caller.peer.uid + 1);
  Request random = random_of(16);
  random.header.auth_type = 0;
  EXPECT_EQ(answerer_of(service, std::move(random)), std::this_thread::get_id());

  service.provider().generation.open();
  EXPECT_EQ(running.get().header.status, 0);
  EXPECT_EQ(waiting.get().header.status, 0);
  EXPECT_EQ(overtaken.get().header.status, 0);
}

TEST(Dispatcher, QueuedWorkOfAGoneClientIsDropped) {
  ServiceUnderTest service;
  service.provider().generation.close();
  auto running = service.begin(generation_of("first"));
  service.provider().generation.await_entered(1);
  std::stop_source gone;
  auto dropped = service.begin(generation_of("second"), gone.get_token());
  gone.request_stop();
  EXPECT_THROW(dropped.get(), std::future_error);
  service.provider().generation.open();
  EXPECT_EQ(running.get().header.status, 0);
  EXPECT_EQ(service.provider().generated, 1);
}

TEST(Dispatcher, QueuedBodyOfAGoneClientIsNotParsed) {
  ServiceUnderTest service;
  service.provider().generation.close();
  auto running = service.begin(generation_of("first"));
  service.provider().generation.await_entered(1);
  std::stop_source gone;
  gone.request_stop();
  auto dropped =
      service.begin(request_of(Opcode::PsaSignHash, Bytes(kInlineBody + 1)), gone.get_token());
  EXPECT_THROW(dropped.get(), std::future_error);
  service.provider().generation.open();
  EXPECT_EQ(running.get().header.status, 0);
}

TEST(Dispatcher, ListsOfManyKeysAreMadeInTheLane) {
  ServiceUnderTest service;
  auto store_keys = [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i)
      service.store().create(
          KeyRecord{.id = service.id_of(fmt::format("k{}", i)), .attributes = ecc_pair()},
          [](const Result<>&) {});
  };
  store_keys(0, kInlineKeys);
  EXPECT_EQ(answerer_of(service, request_of(Opcode::ListKeys, {})), std::this_thread::get_id());
  store_keys(kInlineKeys, kInlineKeys + 1);
  EXPECT_NE(answerer_of(service, request_of(Opcode::ListKeys, {})), std::this_thread::get_id());
}

TEST(Dispatcher, ListsOfAllClientsAreMadeInTheLane) {
  ServiceUnderTest service({.front_end = {.admin_uids = {::getuid()}, .admin_groups = {}}});
  service.caller.admin_socket = true;
  EXPECT_NE(answerer_of(service, request_of(Opcode::ListClients, {})), std::this_thread::get_id());
}

TEST(Dispatcher, RunningGenerationStopsWhenTheClientIsGone) {
  ServiceUnderTest service;
  service.provider().generation.close();
  std::stop_source gone;
  auto running = service.begin(generation_of("first"), gone.get_token());
  service.provider().generation.await_entered(1);
  gone.request_stop();
  EXPECT_EQ(running.get().header.status, std::to_underlying(Status::PsaErrorGenericError));
  EXPECT_EQ(service.provider().generated, 0);
  service.provider().generation.open();
  EXPECT_EQ(service.status_of(generation_of("first")), Status::Success);
}

TEST(Dispatcher, StoppingCancelsWhatRunsAndDropsWhatWaits) {
  ServiceUnderTest service;
  service.provider().generation.close();
  auto running = service.begin(generation_of("first"));
  service.provider().generation.await_entered(1);
  auto waiting = service.begin(generation_of("second"));
  service.lanes().stop();
  EXPECT_THROW(waiting.get(), std::future_error);
  EXPECT_EQ(running.get().header.status, std::to_underlying(Status::PsaErrorGenericError));
}

TEST(Dispatcher, GenerationThatTakesTooLongFails) {
  ServiceUnderTest service({.front_end = {}, .lanes = {.run_timeout = 20ms}});
  service.provider().generation.close();
  EXPECT_EQ(service.status_of(generation_of("first")), Status::PsaErrorGenericError);
}

TEST(Dispatcher, WorkThatWaitsTooLongIsAnswered) {
  ServiceUnderTest service;
  service.provider().generation.close();
  auto running = service.begin(generation_of("first"));
  service.provider().generation.await_entered(1);
  service.lanes().limit_queueing(20ms);
  EXPECT_EQ(service.status_of(generation_of("second")), Status::PsaErrorInsufficientMemory);
  service.provider().generation.open();
  EXPECT_EQ(running.get().header.status, 0);
}

class StuckDevice : public ::testing::Test {
 protected:
  void SetUp() override {
    service_.make_key_for(Opcode::PsaSignHash);
    ASSERT_EQ(service_.status_of(to_the_device(generation_of("web"))), Status::Success);
    service_.device().signing.close();
    stuck_ = service_.begin(to_the_device(signing()));
    service_.device().signing.await_entered(1);
    // The lane's other worker.
    stuck_too_ = service_.begin(to_the_device(signing()));
    service_.device().signing.await_entered(2);
  }
  void TearDown() override { service_.device().signing.open(); }

  ServiceUnderTest service_{
      {.front_end = {.admin_uids = {::getuid()}, .admin_groups = {}}, .device = true}};
  std::future<Response> stuck_;
  std::future<Response> stuck_too_;
};

TEST_F(StuckDevice, DelaysNothingElse) {
  EXPECT_EQ(service_.status_of(Opcode::Ping), Status::Success);
  EXPECT_EQ(service_.status_of(Opcode::ListProviders), Status::Success);
  EXPECT_EQ(service_.status_of(Opcode::ListKeys), Status::Success);
  EXPECT_EQ(service_.status_of(signing()), Status::Success);
  EXPECT_EQ(service_.status_of(generation_of("other")), Status::Success);
  EXPECT_EQ(service_.status_of(random_of(1024 * 1024)), Status::Success);
  service_.caller.admin_socket = true;
  EXPECT_EQ(service_.status_of(Opcode::ListClients), Status::Success);
}

TEST_F(StuckDevice, HoldsUpNoLoopAndFailsWhatWaitsForIt) {
  service_.lanes().limit_queueing(20ms);
  EXPECT_EQ(service_.status_of(to_the_device(signing())), Status::PsaErrorHardwareFailure);
}

TEST_F(StuckDevice, DelaysNothingThatIsInMemoryAnyway) {
  for (Opcode opcode : {Opcode::PsaExportPublicKey, Opcode::KeyInfo})
    EXPECT_EQ(service_.status_of(to_the_device(request_of(opcode, valid_body(opcode)))),
              Status::Success);
}

TEST_F(StuckDevice, AnswersOnceItComesBack) {
  service_.device().signing.open();
  EXPECT_EQ(stuck_.get().header.status, 0);
  EXPECT_EQ(service_.status_of(to_the_device(signing())), Status::Success);
}

TEST(Dispatcher, OfManyThatCreateOneNameExactlyOneWins) {
  ServiceUnderTest service({.front_end = {}, .lanes = {.workers = 8}});
  std::vector<std::future<Response>> answers;
  answers.reserve(64);
  for (int i = 0; i < 64; ++i)
    answers.push_back(service.begin(generation_of("one")));
  int winners = 0;
  for (auto& answer : answers) {
    auto status = status_from(answer.get().header.status);
    if (status == Status::Success)
      ++winners;
    else
      EXPECT_EQ(status, Status::PsaErrorAlreadyExists);
  }
  EXPECT_EQ(winners, 1);
}

void await_end_of(const std::weak_ptr<const Services>& generation) {
  while (!generation.expired())
    std::this_thread::sleep_for(1ms);
}

TEST(Dispatcher, WhatTheStoreHasBegunIsFinishedThoughTheClientIsGone) {
  ServiceUnderTest service;
  service.store().hold_answers();
  std::stop_source gone;
  auto made = service.begin(generation_of("web"), gone.get_token());
  while (service.store().held_answers() == 0)
    std::this_thread::sleep_for(1ms);
  gone.request_stop();
  while (made.wait_for(1ms) != std::future_status::ready)
    service.store().give_held_answers();
  EXPECT_EQ(made.get().header.status, 0) << "to be told in the log";
  EXPECT_EQ(service.status_of(signing()), Status::Success);
}

TEST(Generation, EndsWithTheLastRequestOfAReplacedOne) {
  ServiceUnderTest service;
  service.provider().generation.close();
  auto running = service.begin(generation_of("first"));
  service.provider().generation.await_entered(1);
  auto waiting = service.begin(generation_of("second"));
  auto unplanned = service.begin(signing());
  const auto replaced = service.generation();
  service.reload();
  EXPECT_FALSE(replaced.expired());
  auto of_the_new_one = service.begin(generation_of("third"));
  service.provider().generation.open();
  for (auto* answer : {&running, &waiting, &of_the_new_one})
    EXPECT_EQ(answer->get().header.status, 0);
  EXPECT_EQ(unplanned.get().header.status, std::to_underlying(Status::PsaErrorDoesNotExist));
  await_end_of(replaced);
  EXPECT_FALSE(service.generation().expired());
}

TEST(Generation, LivesUntilTheStoreHasAnsweredItsLastChange) {
  ServiceUnderTest service;
  service.make_key_for(Opcode::PsaSignHash);
  service.store().hold_answers();
  auto destroyed =
      service.begin(request_of(Opcode::PsaDestroyKey, valid_body(Opcode::PsaDestroyKey)));
  while (service.store().held_answers() == 0)
    std::this_thread::sleep_for(1ms);
  const auto replaced = service.generation();
  service.reload();
  EXPECT_EQ(service.provider().ended, 0);
  EXPECT_FALSE(replaced.expired());
  service.store().give_held_answers();
  EXPECT_EQ(destroyed.get().header.status, 0);
  EXPECT_EQ(service.provider().ended, 1);
  await_end_of(replaced);
}

TEST(Administration, DoesNotWaitForWhatApplicationsHaveInCoresLane) {
  ServiceUnderTest service({.front_end = {.admin_uids = {::getuid()}, .admin_groups = {}}});
  service.caller.admin_socket = true;
  testing::Gate stuck;
  stuck.close();
  service.lanes().core().submit(
      {.account = service.caller.account,
       .gone = {},
       .reply = {},
       .generation = nullptr,
       .plan = nullptr,
       .work = {.cost = Cost(1), .run = [&](Reply, auto stop) { stuck.pass(stop); }}});
  stuck.await_entered(1);
  EXPECT_EQ(service.status_of(Opcode::ListClients), Status::Success);
  stuck.open();
}

}  // namespace
}  // namespace strongroom
