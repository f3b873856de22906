#include <string>

#include "tests/unit/connection/connection_fixture.h"
#include "tests/unit/connection/held_requests.h"

namespace strongroom {
namespace {

using testing::eventually;
using testing::HeldRequests;
using testing::joined;
using testing::kept_frame;
using testing::milliseconds;
using testing::ScriptedServer;
using testing::seconds;
using testing::TestClient;

constexpr std::size_t kMebibyte = std::size_t{1024} * 1024;

class Backpressure : public testing::ConnectionFixture {
 protected:
  void TearDown() override {
    ConnectionFixture::TearDown();
    held_.drop_all();
  }
  // Whether there are as many requests, and the calls that brought them are over.
  bool hold(std::size_t count) {
    return held_.become(count) && in_loop([] { return true; });
  }
  void send_numbered(TestClient& client, std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t session = first; session <= last; ++session)
      client.send(kept_frame("b", session));
  }
  static std::uint64_t next_session(TestClient& client) {
    std::optional<Response> response = client.receive_response();
    return response ? response->header.session : 0;
  }
  // Long enough for what must not happen to have happened.
  static void wait_a_moment() { std::this_thread::sleep_for(milliseconds(50)); }

  HeldRequests held_;
};

TEST_F(Backpressure, ReadingPausesAtTheLimitOfRequestsInFlight) {
  serve(held_.script());
  TestClient client = connect();
  send_numbered(client, 1, 70);
  ASSERT_TRUE(hold(64));
  wait_a_moment();
  EXPECT_EQ(held_.size(), 64U);
  for (std::uint64_t session = 1; session <= 70; ++session) {
    ASSERT_TRUE(
        eventually([&] { return held_.size() == std::min<std::uint64_t>(64, 71 - session); }));
    held_.answer(session);
    EXPECT_EQ(next_session(client), session);
  }
  EXPECT_EQ(open_connections(), 1U);
}

TEST_F(Backpressure, ThoseThatWereNotYetReadAreReadLater) {
  ConnectionSettings settings = patient();
  settings.max_in_flight = 1;
  serve(held_.script(), settings);
  TestClient client = connect();
  for (std::uint64_t session = 1; session <= 5; ++session) {
    client.send(kept_frame("b", session));
    ASSERT_TRUE(hold(1));
  }
  for (std::uint64_t session = 1; session <= 5; ++session) {
    ASSERT_TRUE(hold(1));
    held_.answer(session);
    EXPECT_EQ(next_session(client), session);
  }
}

TEST_F(Backpressure, APeerThatGoesWhileReadingPausesIsNoticed) {
  ConnectionSettings settings = patient();
  settings.max_in_flight = 1;
  serve(held_.script(), settings);
  TestClient client = connect();
  send_numbered(client, 1, 3);
  ASSERT_TRUE(hold(1));
  HeldRequests::Held held = held_.take(1);
  client.hang_up();
  EXPECT_TRUE(eventually([&] { return held.gone.stop_requested(); }));
}

TEST_F(Backpressure, AClientThatNeverReadsIsBoundedAndGivenUp) {
  ConnectionSettings settings = patient();
  settings.write_timeout = milliseconds(300);
  serve(ScriptedServer::echo, settings);
  TestClient client = connect();
  const Bytes frame = kept_frame(std::string(50'000, 'b'), 1);
  std::atomic<std::size_t> most = 0;
  std::jthread watching([&](const std::stop_token& stop) {
    while (!stop.stop_requested())
      most = std::max(most.load(), accounts_->held().bytes);
  });
  int error = 0;
  while (error == 0)
    error = client.send(frame);
  EXPECT_TRUE(error == EPIPE || error == ECONNRESET) << error;
  EXPECT_TRUE(closes_within(seconds(5)));
  watching.request_stop();
  watching.join();
  EXPECT_GT(most, kMebibyte / 2);
  EXPECT_LT(most, kMebibyte + 4 * kBufferStep);
  EXPECT_LT(server_->callers().size(), 40U);
  EXPECT_EQ(accounts_->held().bytes, 0U);
}

TEST_F(Backpressure, ReadingGoesOnOnceTheAnswersAreTaken) {
  serve();
  TestClient client = connect();
  const std::string body(100'000, 'b');
  std::jthread sending([&] {
    for (std::uint64_t session = 1; session <= 60; ++session)
      client.send(kept_frame(body, session));
  });
  ASSERT_TRUE(eventually([&] { return accounts_->held().bytes > kMebibyte; }));
  wait_a_moment();
  EXPECT_LT(server_->callers().size(), 20U);
  for (std::uint64_t session = 1; session <= 60; ++session)
    ASSERT_EQ(next_session(client), session);
}

class OfOneRequest : public Backpressure {
 protected:
  OfOneRequest() {
    Accounts::Limits limits{.per_principal = kPlenty, .in_total = kPlenty};
    limits.per_principal.frames = 1;
    accounts_->limit(limits);
  }
};

TEST_F(OfOneRequest, APrincipalWithoutRoomIsReadNoFurtherAndOthersAre) {
  serve(held_.script());
  TestClient first = connect({.uid = 1});
  first.send(kept_frame("a", 1));
  ASSERT_TRUE(hold(1));
  TestClient second = connect({.uid = 1});
  second.send(kept_frame("b", 2));
  TestClient other = connect({.uid = 2});
  other.send(kept_frame("c", 3));
  ASSERT_TRUE(hold(2));
  wait_a_moment();
  EXPECT_EQ(held_.size(), 2U);
  held_.answer(1);
  ASSERT_TRUE(hold(2));
  held_.answer(2);
  EXPECT_EQ(next_session(second), 2U);
  held_.answer(3);
}

TEST_F(OfOneRequest, EveryConnectionThatWaitsIsServedInTheEnd) {
  serve([](Request request, const std::stop_token&, Respond respond) {
    std::thread([request = std::move(request), respond = std::move(respond)]() mutable {
      respond(ScriptedServer::response_to(request));
    }).detach();
  });
  std::vector<TestClient> clients;
  for (int i = 0; i < 50; ++i)
    send_numbered(clients.emplace_back(connect()), 1, 3);
  for (TestClient& client : clients)
    for (std::uint64_t session = 1; session <= 3; ++session)
      EXPECT_EQ(next_session(client), session);
}

TEST_F(OfOneRequest, AConnectionMayGoWhileItWaits) {
  serve(held_.script());
  TestClient first = connect();
  first.send(kept_frame("a", 1));
  ASSERT_TRUE(hold(1));
  {
    TestClient waiting = connect();
    waiting.send(kept_frame("b", 2));
    wait_a_moment();
  }
  EXPECT_TRUE(eventually([&] { return open_connections() == 1; }));
  held_.answer(1);
  EXPECT_EQ(next_session(first), 1U);
  first.send(kept_frame("c", 3));
  ASSERT_TRUE(hold(1));
  held_.answer(3);
  EXPECT_EQ(next_session(first), 3U);
}

TEST_F(OfOneRequest, TheServiceMayStopWhileConnectionsWait) {
  serve(held_.script());
  TestClient first = connect();
  first.send(kept_frame("a", 1));
  ASSERT_TRUE(hold(1));
  TestClient waiting = connect();
  waiting.send(kept_frame("b", 2));
  wait_a_moment();
  stop();
  connections_.reset();
  held_.answer(1);
  EXPECT_TRUE(waiting.receive_to_end().bytes.empty());
}

TEST_F(Backpressure, WhatWasReadAheadDoesNotTakeTheRoomItWaitsFor) {
  Accounts::Limits limits{.per_principal = kPlenty, .in_total = kPlenty};
  limits.per_principal.bytes = 10'000;
  accounts_->limit(limits);
  serve();
  std::vector<TestClient> clients;
  Bytes pipeline;
  for (std::uint64_t session = 1; session <= 50; ++session)
    pipeline = joined({pipeline, kept_frame(std::string(300, 'b'), session)});
  for (int i = 0; i < 4; ++i)
    clients.emplace_back(connect()).send(pipeline);
  for (TestClient& client : clients)
    for (std::uint64_t session = 1; session <= 50; ++session)
      ASSERT_EQ(next_session(client), session);
}

TEST_F(Backpressure, AHeaderHoldsRoomForAllThatItAnnounces) {
  Accounts::Limits limits{.per_principal = kPlenty, .in_total = kPlenty};
  limits.per_principal.bytes = kMebibyte;
  accounts_->limit(limits);
  serve();
  const Bytes frame = kept_frame(std::string(kMebibyte, 'b'), 1);
  TestClient half = connect();
  half.send(ByteView(frame).first(kHeaderSize));
  ASSERT_TRUE(eventually([&] { return accounts_->held().bytes == frame.size(); }));
  TestClient other = connect();
  other.send(kept_frame("b", 2));
  wait_a_moment();
  EXPECT_TRUE(server_->callers().empty());
  std::jthread sending([&] { half.send(ByteView(frame).subspan(kHeaderSize)); });
  EXPECT_EQ(next_session(half), 1U);
  EXPECT_EQ(next_session(other), 2U);
}

TEST_F(Backpressure, ThePrincipalsLimitBoundsWhatItsConnectionsHaveHalfSent) {
  Accounts::Limits limits{.per_principal = kPlenty, .in_total = kPlenty};
  limits.per_principal.bytes = 4 * kMebibyte;
  accounts_->limit(limits);
  serve();
  const Bytes frame = kept_frame(std::string(kMebibyte, 'b'), 1);
  std::vector<TestClient> clients;
  for (int i = 0; i < 20; ++i) {
    // All have begun before any has a header.
    clients.push_back(connect());
    clients.back().send(ByteView(frame).first(1));
    clients.back().wait_until_read();
  }
  for (TestClient& client : clients)
    client.send(ByteView(frame).subspan(1, kHeaderSize));
  wait_a_moment();
  EXPECT_GE(accounts_->held().bytes, 4 * kMebibyte);
  EXPECT_LT(accounts_->held().bytes, 6 * kMebibyte);
}

}  // namespace
}  // namespace strongroom
