#include <csignal>
#include <string>
#include <sys/wait.h>

#include <gmock/gmock.h>

#include "service/connection/connection.h"
#include "tests/unit/connection/kept_connection_fixture.h"

namespace strongroom {
namespace {

using testing::all;
using ::testing::ElementsAre;
using testing::eventually;
using testing::HeldRequests;
using testing::joined;
using testing::kept_frame;
using testing::KeptConnection;
using testing::milliseconds;
using testing::next;
using testing::request_frame;
using testing::ScriptedServer;
using testing::seconds;
using testing::TestClient;

TEST_F(KeptConnection, ServesOneRequestAfterTheOther) {
  serve();
  TestClient client = connect();
  for (std::uint64_t session = 1; session <= 100; ++session) {
    const std::string body = std::to_string(session * session);
    client.send(kept_frame(body, session));
    ASSERT_EQ(next(client), fmt::format("{}:{}", session, body));
  }
  EXPECT_EQ(open_connections(), 1U);
  EXPECT_EQ(accounts_->held().frames, 0U);
  EXPECT_EQ(accounts_->held().bytes, 0U);
}

TEST_F(KeptConnection, WhatItsServerKeepsCanExpireWhileNothingComes) {
  ConnectionSettings settings = patient();
  settings.expiry_interval = milliseconds(5);
  serve(ScriptedServer::echo, settings);
  server_->gives_sessions = true;
  TestClient client = connect();
  client.send(kept_frame("a", 1));
  ASSERT_EQ(next(client), "1:a");
  EXPECT_TRUE(eventually([this] { return server_->expiries >= 3; }));
  EXPECT_EQ(open_connections(), 1U);
}

TEST_F(KeptConnection, ItsServerIsLeftAloneThatKeepsNothing) {
  ConnectionSettings settings = patient();
  settings.expiry_interval = milliseconds(1);
  serve(ScriptedServer::echo, settings);
  TestClient client = connect();
  client.send(kept_frame("a", 1));
  ASSERT_EQ(next(client), "1:a");
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_EQ(server_->expiries, 0);
}

TEST_F(KeptConnection, PipelinedRequestsAreAnsweredInAnyOrder) {
  serve_held();
  TestClient client = connect();
  client.send(joined({kept_frame("a", 1), kept_frame("b", 2), kept_frame("c", 3)}));
  ASSERT_TRUE(hold(3));
  for (std::uint64_t session : {2U, 3U, 1U})
    held_.answer(session);
  EXPECT_EQ(next(client), "2:b");
  EXPECT_EQ(next(client), "3:c");
  EXPECT_EQ(next(client), "1:a");
  EXPECT_EQ(open_connections(), 1U);
}

TEST_F(KeptConnection, ARequestThatDoesNotAskForItIsTheLast) {
  serve();
  TestClient client = connect();
  client.send(joined({kept_frame("a", 1), kept_frame("b", 2), request_frame("c", "", 3),
                      kept_frame("d", 4), request_frame("e", "", 5)}));
  EXPECT_THAT(all(client), ElementsAre("1:a", "2:b", "3:c", "end"));
  EXPECT_EQ(server_->callers().size(), 3U);
}

TEST_F(KeptConnection, TheLastRequestLetsThoseBeforeItFinish) {
  serve_held();
  TestClient client = connect();
  client.send(joined({kept_frame("a", 1), kept_frame("b", 2), request_frame("c", "", 3)}));
  ASSERT_TRUE(hold(3));
  held_.answer(3);
  EXPECT_EQ(next(client), "3:c");
  EXPECT_EQ(open_connections(), 1U);
  held_.answer(1);
  held_.answer(2);
  EXPECT_THAT(all(client), ElementsAre("1:a", "2:b", "end"));
}

TEST_F(KeptConnection, AnyCutOfThePipelineIsTheSameRequests) {
  serve();
  const Bytes frames = joined({kept_frame("first", 1), kept_frame("", 2),
                               request_frame("third", "auth", 3, kFlagKeep), kept_frame("4", 4)});
  TestClient client = connect();
  for (std::size_t cut = 1; cut < frames.size(); ++cut) {
    const std::array<std::size_t, 1> pieces{cut};
    client.send_in_pieces(frames, pieces);
    ASSERT_EQ(next(client), "1:first") << cut;
    ASSERT_EQ(next(client), "2:") << cut;
    ASSERT_EQ(next(client), "3:thirdauth") << cut;
    ASSERT_EQ(next(client), "4:4") << cut;
  }
  const std::vector<std::size_t> bytes(frames.size() - 1, 1);
  client.send_in_pieces(frames, bytes);
  client.end_writing();
  EXPECT_THAT(all(client), ElementsAre("1:first", "2:", "3:thirdauth", "4:4", "end"));
}

TEST_F(KeptConnection, LongRequestsMayFollowEachOtherAtOnce) {
  serve();
  TestClient client = connect();
  const std::string body(300'000, 'b');
  std::jthread sending([&] {
    for (std::uint64_t session = 1; session <= 20; ++session)
      client.send(kept_frame(body + std::to_string(session), session));
  });
  for (std::uint64_t session = 1; session <= 20; ++session)
    ASSERT_EQ(next(client), fmt::format("{}:{}{}", session, body, session));
}

TEST_F(KeptConnection, AnEndBetweenRequestsIsNormal) {
  serve_held();
  TestClient client = connect();
  client.send(joined({kept_frame("a", 1), kept_frame("b", 2)}));
  client.end_writing();
  ASSERT_TRUE(hold(2));
  EXPECT_EQ(open_connections(), 1U);
  held_.answer(2);
  held_.answer(1);
  EXPECT_THAT(all(client), ElementsAre("2:b", "1:a", "end"));
  EXPECT_TRUE(closes_within(seconds(5)));
}

TEST_F(KeptConnection, AnEndInsideARequestIsAConnectionError) {
  serve();
  const Bytes frame = kept_frame("body", 2);
  for (std::size_t size : {std::size_t{1}, kHeaderSize, frame.size() - 1}) {
    TestClient client = connect();
    client.send(joined({kept_frame("a", 1), copy_of(ByteView(frame).first(size))}));
    client.end_writing();
    EXPECT_THAT(all(client), ElementsAre("1:a", "status 15", "end")) << size;
  }
}

TEST_F(KeptConnection, AFailureIsAnsweredAtOnceAndThoseBeforeItAreServed) {
  serve_held();
  TestClient client = connect();
  client.send(joined(
      {kept_frame("a", 1), kept_frame("b", 2), copy_of(view_of("GET /")), kept_frame("never", 3)}));
  std::optional<Response> refusal = client.receive_response();
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->header.status, std::to_underlying(Status::InvalidHeader));
  EXPECT_EQ(refusal->header.session, 0U);
  ASSERT_TRUE(hold(2));
  held_.answer(2);
  held_.answer(1);
  client.end_writing();
  EXPECT_THAT(all(client), ElementsAre("2:b", "1:a", "end"));
  EXPECT_EQ(server_->callers().size(), 2U);
}

TEST_F(KeptConnection, AClientStillWritingIsDrainedAfterAFailure) {
  serve();
  TestClient client = connect();
  client.send(kept_frame("a", 1));
  EXPECT_EQ(next(client), "1:a");
  client.send(Bytes(1024 * 1024, std::byte{'x'}));
  EXPECT_EQ(next(client), "status 17");
  client.end_writing();
  EXPECT_EQ(next(client), "end");
}

TEST_F(KeptConnection, IsNotKeptForAProcessOfWhichNothingIsKnown) {
  serve();
  TestClient client = connect({.process = nullptr});
  client.send(joined({kept_frame("a", 1), kept_frame("b", 2)}));
  EXPECT_THAT(all(client), ElementsAre("1:a", "end"));
  EXPECT_EQ(server_->callers().size(), 1U);
}

// A child that waits until it is killed, and is reaped.
class Child {
 public:
  Child() : pid_(::fork()) {
    if (pid_ != 0) return;
    ::pause();
    ::_exit(0);
  }
  ~Child() { end(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  pid_t pid() const { return pid_; }
  void end() {
    if (std::exchange(is_running_, false) && ::kill(pid_, SIGKILL) == 0)
      ::waitpid(pid_, nullptr, 0);
  }

 private:
  pid_t pid_;
  bool is_running_ = true;
};

TEST_F(KeptConnection, ServesNothingOnceTheProcessThatConnectedHasExited) {
  serve();
  Child connector;
  TestClient client = connect({.process = process_of(connector.pid())});
  client.send(kept_frame("a", 1));
  EXPECT_EQ(next(client), "1:a");
  connector.end();
  client.send(kept_frame("b", 2));
  EXPECT_THAT(all(client), ElementsAre("end"));
  EXPECT_EQ(server_->callers().size(), 1U);
}

TEST_F(KeptConnection, FinishesWhatIsInFlightWhenTheProcessHasExited) {
  serve_held();
  Child connector;
  TestClient client = connect({.process = process_of(connector.pid())});
  client.send(kept_frame("a", 1));
  ASSERT_TRUE(hold(1));
  connector.end();
  client.send(kept_frame("b", 2));
  client.wait_until_read();
  held_.answer(1);
  EXPECT_THAT(all(client), ElementsAre("1:a", "end"));
  EXPECT_EQ(server_->callers().size(), 1U);
}

TEST_F(KeptConnection, TheFirstRequestIsServedThoughTheProcessHasExited) {
  serve();
  Child connector;
  auto process = process_of(connector.pid());
  connector.end();
  TestClient client = connect({.process = process});
  client.send(kept_frame("a", 1));
  EXPECT_EQ(next(client), "1:a");
}

TEST_F(KeptConnection, APeerThatGoesEndsAllItsRequestsAndCountsUntilTheLastIsOver) {
  serve_held();
  TestClient client = connect();
  client.send(joined({kept_frame("a", 1), kept_frame("b", 2), kept_frame("c", 3)}));
  ASSERT_TRUE(hold(3));
  client.hang_up();
  HeldRequests::Held a = held_.take(1);
  HeldRequests::Held b = held_.take(2);
  HeldRequests::Held c = held_.take(3);
  for (const HeldRequests::Held* held : {&a, &b, &c})
    EXPECT_TRUE(eventually([&] { return held->gone.stop_requested(); }));
  a.respond(Response());
  b.respond = nullptr;
  EXPECT_TRUE(eventually([&] { return accounts_->held().frames == 1; }));
  EXPECT_EQ(open_connections(), 1U);
  EXPECT_EQ(accounts_->held().connections, 1U);
  c.respond = nullptr;
  EXPECT_TRUE(closes_within(seconds(5)));
  EXPECT_EQ(accounts_->held().connections, 0U);
  EXPECT_EQ(accounts_->held().frames, 0U);
}

TEST_F(KeptConnection, ARequestLeftUnansweredEndsItAfterTheOthers) {
  serve_held();
  TestClient client = connect();
  client.send(joined({kept_frame("a", 1), kept_frame("b", 2)}));
  ASSERT_TRUE(hold(2));
  held_.take(1).respond = nullptr;
  held_.answer(2);
  EXPECT_THAT(all(client), ElementsAre("2:b", "end"));
}

TEST_F(KeptConnection, EveryRequestIsChargedUntilItIsAnswered) {
  serve_held();
  TestClient client = connect();
  const Bytes first = kept_frame("a body", 1);
  const Bytes second = kept_frame("another", 2);
  client.send(joined({first, second, copy_of(ByteView(first).first(10))}));
  ASSERT_TRUE(hold(2));
  EXPECT_TRUE(eventually([&] { return accounts_->held().bytes == first.size() + second.size(); }));
  EXPECT_EQ(accounts_->held().frames, 2U);
  held_.answer(1);
  EXPECT_EQ(next(client), "1:a body");
  EXPECT_TRUE(eventually([&] { return accounts_->held().frames == 1; }));
  EXPECT_EQ(accounts_->held().bytes, second.size());
}

TEST_F(KeptConnection, AnswersThatComeTogetherAreWrittenTogether) {
  serve_held();
  TestClient client = connect({.socket_type = SOCK_SEQPACKET});
  client.send(joined({kept_frame("a", 1), kept_frame("b", 2), kept_frame("c", 3)}));
  ASSERT_TRUE(hold(3));
  in_loop([this] {
    for (std::uint64_t session : {1U, 2U, 3U})
      held_.answer(session);
  });
  EXPECT_EQ(client.receive_some().bytes.size(), 3 * (kHeaderSize + 1));
}

TEST_F(KeptConnection, AnswersOfRequestsThatArrivedTogetherLeaveAFewAtATime) {
  serve();
  TestClient client = connect({.socket_type = SOCK_SEQPACKET});
  Bytes pipeline;
  for (std::uint64_t session = 1; session <= 9; ++session)
    pipeline = joined({pipeline, kept_frame("", session)});
  client.send(pipeline);
  for (const std::size_t together : {4U, 4U, 1U})
    EXPECT_EQ(client.receive_some().bytes.size(), together * kHeaderSize);
}

TEST_F(KeptConnection, EveryConnectionHasOneRequestServedBeforeAnyHasTwo) {
  std::vector<std::uint64_t> order;  // the loop thread's
  serve([&](const Request& request, const std::stop_token&, Respond respond) {
    order.push_back(request.header.session);
    respond(ScriptedServer::response_to(request));
  });
  TestClient busy = connect();
  TestClient quiet = connect();
  Bytes pipeline;
  for (std::uint64_t session = 1; session <= 50; ++session)
    pipeline = joined({pipeline, kept_frame("", session)});
  in_loop([&] {
    busy.send(pipeline);
    quiet.send(kept_frame("", 1000));
  });
  EXPECT_EQ(next(quiet), "1000:");
  for (std::uint64_t session = 1; session <= 50; ++session)
    EXPECT_EQ(next(busy), fmt::format("{}:", session));
  const auto served = std::ranges::find(order, 1000U) - order.begin();
  EXPECT_LE(served, 1);
}

}  // namespace
}  // namespace strongroom
