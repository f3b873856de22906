// What is sent again when a connection is lost, and what is not.
#include <atomic>
#include <chrono>
#include <thread>

#include "strongroom/client.h"
#include "tests/unit/client/client_matchers.h"
#include "tests/unit/client/scripted_service.h"

namespace strongroom {
namespace {

using namespace std::chrono_literals;
using testing::answer_once;
using testing::asks_to_be_kept;
using testing::Conversation;
using testing::FailsFrom;
using ::testing::HasSubstr;
using testing::is_for;
using testing::IsOk;
using testing::keep_answering;
using testing::ScriptedService;

Client client_of(const ScriptedService& service) {
  return Client::open(
             {.endpoint = service.socket_path(), .provider = ProviderId::Software, .timeout = 30s})
      .value();
}

void answer_some(Conversation& conversation, int count) {
  for (int i = 0; i < count; ++i)
    if (auto request = conversation.next()) conversation.answer(*request);
}

MATCHER(IsLostWithUnknownOutcome, "a lost connection with an unknown outcome") {
  return !arg.has_value() && arg.error().source() == ErrorSource::Connection &&
         arg.error().outcome_is_unknown() &&
         arg.error().message().starts_with("connection lost: outcome unknown");
}

TEST(LostConnection, RequestThatChangesNothingIsSentAgain) {
  ScriptedService service([](Conversation& conversation) {
    if (conversation.number() == 0) {
      answer_some(conversation, 2);
      conversation.next();  // and hangs up
    } else {
      keep_answering(conversation);
    }
  });
  Client client = client_of(service);
  for (int i = 0; i < 4; ++i)
    EXPECT_THAT(client.ping(), IsOk());
  EXPECT_EQ(service.connections(), 2);
}

TEST(LostConnection, RequestThatChangesSomethingIsNotSentTwice) {
  std::atomic<int> received = 0;
  ScriptedService service([&](Conversation& conversation) {
    answer_some(conversation, 2);
    if (auto request = conversation.next()) ++received;
  });
  Client client = client_of(service);
  EXPECT_THAT(client.ping(), IsOk());
  EXPECT_THAT(client.ping(), IsOk());
  EXPECT_THAT(client.destroy_key("web"), IsLostWithUnknownOutcome());
  EXPECT_EQ(received, 1);
}

TEST(LostConnection, PartOfARequestThatChangesSomethingIsAsGoodAsAll) {
  ScriptedService service([](Conversation& conversation) {
    answer_some(conversation, 2);
    conversation.anything_within(30s);
    std::this_thread::sleep_for(20ms);  // the kernel holds a part; nobody read any of it
  });
  Client client = client_of(service);
  EXPECT_THAT(client.ping(), IsOk());
  EXPECT_THAT(client.ping(), IsOk());
  const psa::KeyAttributes attributes{.type = {psa::KeyType::Kind::RawData, {}},
                                      .bits = 0,
                                      .usage = {},
                                      .algorithm = psa::NoAlgorithm{}};
  EXPECT_THAT(client.import_key("web", attributes, Bytes(8'000'000)), IsLostWithUnknownOutcome());
}

TEST(LostConnection, ChangeAfterAPauseInWhichTheServiceClosedSucceeds) {
  std::atomic<bool> is_closed = false;
  ScriptedService service([&](Conversation& conversation) {
    if (conversation.number() > 0) return keep_answering(conversation);
    answer_some(conversation, 3);
    conversation.hang_up();
    is_closed = true;
  });
  Client client = client_of(service);
  for (int i = 0; i < 3; ++i)
    EXPECT_THAT(client.ping(), IsOk());
  while (!is_closed)
    std::this_thread::sleep_for(1ms);
  EXPECT_THAT(client.destroy_key("web"), IsOk());
  EXPECT_EQ(service.connections(), 2);
}

// As the daemon closes: it says so and reads on for a while what it will not answer.
TEST(LostConnection, ChangeIsNotHandedToAConnectionThatIsHalfClosed) {
  std::atomic<bool> is_closed = false;
  std::atomic<int> lost = 0;
  ScriptedService service([&](Conversation& conversation) {
    if (conversation.number() > 0) return keep_answering(conversation);
    answer_some(conversation, 3);
    conversation.half_close();
    is_closed = true;
    while (conversation.next())
      ++lost;
  });
  Client client = client_of(service);
  for (int i = 0; i < 3; ++i)
    EXPECT_THAT(client.ping(), IsOk());
  while (!is_closed)
    std::this_thread::sleep_for(1ms);
  EXPECT_THAT(client.destroy_key("web"), IsOk());
  EXPECT_EQ(lost, 0);
}

TEST(LostConnection, ServiceStartedAgainIsFoundAgain) {
  ScriptedService service(keep_answering);
  Client client = client_of(service);
  for (int i = 0; i < 3; ++i)
    EXPECT_THAT(client.ping(), IsOk());
  service.stop();
  EXPECT_THAT(client.ping(), FailsFrom(ErrorSource::Endpoint, Status::ConnectionError));
  service.start();
  EXPECT_THAT(client.destroy_key("web"), IsOk());
  service.stop();
  service.start();
  EXPECT_THAT(client.destroy_key("web"), IsOk());
}

TEST(LostConnection, RequestIsNotSentAgainAndAgainForEver) {
  ScriptedService service([](Conversation& conversation) { conversation.next(); });
  Client client = client_of(service);
  ClientResult<WireVersion> answer = client.ping();
  EXPECT_THAT(answer, FailsFrom(ErrorSource::Connection, Status::ConnectionError));
  EXPECT_THAT(answer.error().message(), HasSubstr("connection lost: the service closed"));
  EXPECT_FALSE(answer.error().outcome_is_unknown());
  EXPECT_LE(service.connections(), 4);
}

TEST(LostConnection, AllThatWasInFlightHasItsOwnFate) {
  ScriptedService service([](Conversation& conversation) {
    if (conversation.number() > 0) return keep_answering(conversation);
    answer_some(conversation, 2);
    for (int i = 0; i < 6; ++i)
      conversation.next();
  });
  Client client = client_of(service);
  EXPECT_THAT(client.ping(), IsOk());
  EXPECT_THAT(client.ping(), IsOk());
  std::vector<std::jthread> threads;
  for (int i = 0; i < 6; ++i)
    threads.emplace_back([&, i] {
      if (i % 2 == 0)
        EXPECT_THAT(client.ping(), IsOk());
      else
        EXPECT_THAT(client.destroy_key("web"), IsLostWithUnknownOutcome());
    });
}

// What the service says when it cannot trust a header names no request.
TEST(LostConnection, BlankRefusalIsOfTheRequestThatIsLeft) {
  ScriptedService service([](Conversation& conversation) {
    if (conversation.number() > 0) return keep_answering(conversation);
    answer_some(conversation, 2);
    std::optional<Request> large;
    std::vector<Request> others;
    for (int i = 0; i < 3; ++i) {
      std::optional<Request> request = conversation.next();
      if (!request) return;
      if (is_for(*request, Opcode::PsaHashCompute))
        large = request;
      else
        others.push_back(*request);
    }
    Request blank;
    blank.header.opcode = std::to_underlying(Opcode::Ping);
    conversation.send(testing::refusal(blank, Status::BodySizeExceedsLimit));
    for (const Request& request : others)
      conversation.answer(request);
  });
  Client client = client_of(service);
  EXPECT_THAT(client.ping(), IsOk());
  EXPECT_THAT(client.ping(), IsOk());
  std::vector<std::jthread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&, i] {
      if (i == 1)
        EXPECT_THAT(client.hash_compute(psa::Hash::Sha256, Bytes(10)),
                    FailsFrom(ErrorSource::Service, Status::BodySizeExceedsLimit));
      else
        EXPECT_THAT(client.ping(), IsOk());
    });
}

TEST(LostConnection, ChangeThatMayHaveBeenMadeIsNotSaidToBeRefused) {
  std::atomic<bool> has_change = false;
  ScriptedService service([&](Conversation& conversation) {
    if (conversation.number() > 0) return keep_answering(conversation);
    answer_some(conversation, 2);
    conversation.next();  // carries it out
    has_change = true;
    conversation.next();  // refuses its header, and dies
    Request blank;
    blank.header.opcode = std::to_underlying(Opcode::Ping);
    conversation.send(testing::refusal(blank, Status::BodySizeExceedsLimit));
  });
  Client client = client_of(service);
  EXPECT_THAT(client.ping(), IsOk());
  EXPECT_THAT(client.ping(), IsOk());
  std::jthread changing(
      [&] { EXPECT_THAT(client.destroy_key("web"), IsLostWithUnknownOutcome()); });
  while (!has_change)
    std::this_thread::sleep_for(1ms);
  EXPECT_THAT(client.ping(), IsOk()) << "sent again";
}

TEST(LostConnection, RefusalBeforeTheRequestWasReadLeavesOthersIntact) {
  std::atomic<int> misread = 0;
  ScriptedService service([&](Conversation& conversation) {
    if (conversation.number() == 0) {
      answer_some(conversation, 2);
      conversation.refuse_early(Status::BodySizeExceedsLimit);
    }
    while (auto request = conversation.next()) {
      if (!is_for(*request, Opcode::Ping)) ++misread;
      conversation.answer(*request);
    }
  });
  Client client = client_of(service);
  EXPECT_THAT(client.ping(), IsOk());
  EXPECT_THAT(client.ping(), IsOk());
  EXPECT_THAT(client.hash_compute(psa::Hash::Sha256, Bytes(4'000'000)),
              FailsFrom(ErrorSource::Service, Status::BodySizeExceedsLimit));
  EXPECT_THAT(client.ping(), IsOk());
  EXPECT_EQ(misread, 0);
}

// Refuses without saying what, and neither answers the others nor closes.
TEST(LostConnection, ConnectionsThatNobodyWaitsForAreNotKeptForEver) {
  std::atomic<bool> is_well = false;
  ScriptedService service([&](Conversation& conversation) {
    if (conversation.number() == 0) answer_some(conversation, 2);
    while (!is_well && conversation.next() && conversation.next()) {
      Request blank;
      blank.header.opcode = std::to_underlying(Opcode::Ping);
      conversation.send(testing::refusal(blank, Status::BodySizeExceedsLimit));
    }
    keep_answering(conversation);
  });
  Client client = client_of(service);
  EXPECT_THAT(client.ping(), IsOk());
  EXPECT_THAT(client.ping(), IsOk());
  for (int round = 0; round < 80; ++round) {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 2; ++i)
      threads.emplace_back([&] { EXPECT_FALSE(client.with_timeout(10ms).ping().has_value()); });
  }
  is_well = true;
  bool is_served = false;
  for (int i = 0; i < 5 && !is_served; ++i)
    is_served = client.with_timeout(300ms).ping().has_value();
  EXPECT_TRUE(is_served);
}

// The reference service.
TEST(ServiceThatKeepsNothing, IsServedByAConnectionForEachCall) {
  std::vector<RequestHeader> headers;
  std::mutex mutex;
  ScriptedService service([&](Conversation& conversation) {
    auto request = conversation.next();
    if (!request) return;
    {
      std::scoped_lock lock(mutex);
      headers.push_back(request->header);
    }
    conversation.answer(*request);
  });
  Client client = client_of(service);
  for (int i = 0; i < 4; ++i)
    EXPECT_THAT(client.destroy_key("web"), IsOk());
  std::scoped_lock lock(mutex);
  ASSERT_EQ(headers.size(), 4);
  EXPECT_EQ(headers[0].flags, kFlagKeep | kFlagExtended);
  for (std::size_t i = 1; i < headers.size(); ++i) {
    EXPECT_EQ(headers[i].flags, 0);
    EXPECT_EQ(headers[i].session, 0);
  }
}

TEST(ServiceThatKeepsNothing, ServesThreadsAtOnce) {
  ScriptedService service([](Conversation& conversation) {
    auto request = conversation.next();
    std::this_thread::sleep_for(50ms);
    if (request) conversation.answer(*request);
  });
  Client client = client_of(service);
  EXPECT_THAT(client.ping(), IsOk());
  EXPECT_THAT(client.ping(), IsOk());
  const auto start = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&] { EXPECT_THAT(client.destroy_key("web"), IsOk()); });
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, 8 * 50ms);
}

// A request may be lost by the first connection's second place, so that a Ping goes there first.
TEST(ServiceThatKeepsNothing, NoChangeIsTheSecondRequestOfAConnection) {
  std::atomic<int> second_changes = 0;
  ScriptedService service([&](Conversation& conversation) {
    answer_some(conversation, 1);
    // The end comes late, so that the client does not see it before it sends.
    if (auto request = conversation.next())
      if (!is_for(*request, Opcode::Ping)) ++second_changes;
  });
  Client client = client_of(service);
  for (int i = 0; i < 3; ++i)
    EXPECT_THAT(client.destroy_key("web"), IsOk());
  EXPECT_EQ(second_changes, 0);
}

TEST(ServiceThatMisanswers, SessionOfNobodyEndsTheCall) {
  ScriptedService service([](Conversation& conversation) {
    while (auto request = conversation.next()) {
      request->header.session = 0x1234567;
      conversation.answer(*request);
    }
  });
  Client client = client_of(service);
  EXPECT_THAT(client.ping(), FailsFrom(ErrorSource::Answer, Status::InvalidHeader));
  ClientResult<> answer = client.destroy_key("web");
  EXPECT_THAT(answer, FailsFrom(ErrorSource::Answer, Status::InvalidHeader));
  EXPECT_TRUE(answer.error().outcome_is_unknown());
}

TEST(ServiceThatMisanswers, RefusalOfFlagsIsHeard) {
  ScriptedService service([](Conversation& conversation) {
    auto request = conversation.next();
    if (!request) return;
    Request blank;
    blank.header.opcode = std::to_underlying(Opcode::Ping);
    if (asks_to_be_kept(*request))
      conversation.send(testing::refusal(blank, Status::InvalidHeader));
    else
      conversation.answer(*request);
  });
  Client client = client_of(service);
  EXPECT_THAT(client.ping(), FailsFrom(ErrorSource::Service, Status::InvalidHeader));
}

TEST(ServiceThatMisanswers, UnaskedAnswerIsNotTakenForTheNext) {
  std::atomic<bool> is_sent = false;
  ScriptedService service([&](Conversation& conversation) {
    answer_some(conversation, 2);
    auto request = conversation.next();
    if (!request) return;
    conversation.answer(*request);
    conversation.answer(*request);
    is_sent = true;
    keep_answering(conversation);
  });
  Client client = client_of(service);
  for (int i = 0; i < 3; ++i)
    EXPECT_THAT(client.ping(), IsOk());
  while (!is_sent)
    std::this_thread::sleep_for(1ms);
  EXPECT_THAT(client.destroy_key("web"), IsOk());
  EXPECT_EQ(service.connections(), 2);
}

}  // namespace
}  // namespace strongroom
