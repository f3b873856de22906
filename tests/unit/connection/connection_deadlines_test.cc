#include "tests/unit/connection/connection_fixture.h"
#include "tests/unit/connection/held_requests.h"

namespace strongroom {
namespace {

using testing::HeldRequests;
using testing::joined;
using testing::kept_frame;
using testing::milliseconds;
using testing::request_frame;
using testing::ScriptedServer;
using testing::seconds;
using testing::TestClient;
using Received = TestClient::Received;
using Clock = std::chrono::steady_clock;

class ConnectionDeadlines : public testing::ConnectionFixture {};

TEST_F(ConnectionDeadlines, ASilentClientIsTold) {
  serve(ScriptedServer::echo,
        {.request_timeout = milliseconds(50), .drain_timeout = milliseconds(50)});
  TestClient client = connect();
  Received received = client.receive_to_end();
  EXPECT_EQ(received.status(), Status::ConnectionError);
  EXPECT_EQ(received.error, 0);
  EXPECT_TRUE(closes_within(seconds(5)));
}

TEST_F(ConnectionDeadlines, BytesThatDripDoNotExtendIt) {
  serve(ScriptedServer::echo,
        {.request_timeout = milliseconds(100), .request_timeout_per_step = milliseconds(0)});
  TestClient client = connect();
  const Bytes frame = request_frame(std::string(10'000, 'b'));
  const Clock::time_point before = Clock::now();
  std::jthread dripping([&](const std::stop_token& stop) {
    for (std::byte byte : frame) {
      if (stop.stop_requested() || client.send({&byte, 1}) != 0) return;
      std::this_thread::sleep_for(milliseconds(5));
    }
  });
  Received received = client.receive_to_end();
  EXPECT_EQ(received.status(), Status::ConnectionError);
  EXPECT_EQ(received.error, 0);
  EXPECT_GE(Clock::now() - before, milliseconds(100));
  EXPECT_LT(Clock::now() - before, seconds(10));
}

TEST_F(ConnectionDeadlines, ItCountsFromTheFirstByteOfTheRequest) {
  serve(ScriptedServer::echo, {.request_timeout = milliseconds(400)});
  TestClient client = connect();
  const Bytes frame = request_frame("body");
  std::this_thread::sleep_for(milliseconds(250));
  client.send(ByteView(frame).first(1));
  std::this_thread::sleep_for(milliseconds(250));
  client.send(ByteView(frame).subspan(1));
  EXPECT_EQ(client.receive_to_end().body(), "body");
}

TEST_F(ConnectionDeadlines, AnAnnouncedBodyExtendsIt) {
  serve(ScriptedServer::echo,
        {.request_timeout = milliseconds(50), .request_timeout_per_step = seconds(10)});
  TestClient client = connect();
  const Bytes frame = request_frame(std::string(kBufferStep, 'b'));
  client.send(ByteView(frame).first(kHeaderSize));
  std::this_thread::sleep_for(milliseconds(150));
  client.send(ByteView(frame).subspan(kHeaderSize));
  EXPECT_EQ(client.receive_to_end().status(), Status::Success);
}

TEST_F(ConnectionDeadlines, NoneRunsWhileTheRequestIsServed) {
  std::promise<Respond> held;
  serve(
      [&](Request, const std::stop_token&, Respond respond) { held.set_value(std::move(respond)); },
      {.request_timeout = milliseconds(50), .write_timeout = milliseconds(50)});
  TestClient client = connect();
  client.send(request_frame("body"));
  Respond respond = held.get_future().get();
  std::this_thread::sleep_for(milliseconds(150));
  respond(Response());
  EXPECT_EQ(client.receive_to_end().status(), Status::Success);
}

TEST_F(ConnectionDeadlines, AClientThatDoesNotReadIsGivenUp) {
  constexpr std::size_t kSize = 4 * 1024 * 1024;
  serve([](const Request&, const std::stop_token&,
           Respond respond) { respond({.body = Bytes(kSize)}); },
        {.write_timeout = milliseconds(50)});
  TestClient client = connect();
  client.send(request_frame(""));
  EXPECT_TRUE(closes_within(seconds(5)));
  EXPECT_LT(client.receive_to_end().bytes.size(), kSize);
}

TEST_F(ConnectionDeadlines, AClientThatReadsALittleAtATimeIsNot) {
  constexpr std::size_t kSize = 4 * 1024 * 1024;
  serve([](const Request&, const std::stop_token&,
           Respond respond) { respond({.body = Bytes(kSize)}); },
        {.write_timeout = milliseconds(500)});
  TestClient client = connect();
  client.send(request_frame(""));
  std::size_t received = 0;
  const Clock::time_point before = Clock::now();
  while (received < kSize + kHeaderSize) {
    const std::size_t size = client.receive_some().bytes.size();
    ASSERT_GT(size, 0U);
    received += size;
    std::this_thread::sleep_for(milliseconds(40));
  }
  EXPECT_GT(Clock::now() - before, milliseconds(500));
}

TEST_F(ConnectionDeadlines, AKeptConnectionIsClosedQuietlyWhenNothingHappens) {
  serve(ScriptedServer::echo, {.request_timeout = milliseconds(20),
                               .drain_timeout = seconds(20),
                               .idle_timeout = milliseconds(100)});
  TestClient client = connect();
  client.send(kept_frame("a", 1));
  ASSERT_TRUE(client.receive_response());
  const Clock::time_point before = Clock::now();
  Received received = client.receive_to_end();
  EXPECT_TRUE(received.bytes.empty());
  EXPECT_EQ(received.error, 0);
  EXPECT_GE(Clock::now() - before, milliseconds(90));
  EXPECT_LT(Clock::now() - before, seconds(10));
  EXPECT_TRUE(closes_within(seconds(5)));
}

TEST_F(ConnectionDeadlines, EachRequestEndsTheIdleTime) {
  serve(ScriptedServer::echo, {.idle_timeout = milliseconds(500)});
  TestClient client = connect();
  for (std::uint64_t session = 1; session <= 15; ++session) {
    client.send(kept_frame("a", session));
    ASSERT_TRUE(client.receive_response()) << session;
    std::this_thread::sleep_for(milliseconds(50));
  }
}

TEST_F(ConnectionDeadlines, WithARequestInFlightAConnectionIsNotIdle) {
  HeldRequests held;
  serve(held.script(), {.request_timeout = milliseconds(50), .idle_timeout = milliseconds(50)});
  TestClient client = connect();
  client.send(kept_frame("a", 1));
  ASSERT_TRUE(held.become(1));
  std::this_thread::sleep_for(milliseconds(150));
  held.answer(1);
  EXPECT_TRUE(client.receive_response());
}

TEST_F(ConnectionDeadlines, AConnectionOfSomeAgeIsClosedHoweverBusy) {
  serve(ScriptedServer::echo, {.keep_alive_max = milliseconds(200)});
  TestClient client = connect();
  const Clock::time_point before = Clock::now();
  std::uint64_t answered = 0;
  while (client.send(kept_frame("a", answered + 1)) == 0 && client.receive_response())
    ++answered;
  EXPECT_GT(answered, 0U);
  EXPECT_GE(Clock::now() - before, milliseconds(150));
  EXPECT_LT(Clock::now() - before, seconds(10));
  EXPECT_TRUE(closes_within(seconds(5)));
}

TEST_F(ConnectionDeadlines, WhatIsInFlightAtThatAgeIsAnswered) {
  HeldRequests held;
  serve(held.script(), {.drain_timeout = seconds(20), .keep_alive_max = milliseconds(50)});
  TestClient client = connect();
  client.send(joined({kept_frame("a", 1), kept_frame("b", 2)}));
  ASSERT_TRUE(held.become(2));
  std::this_thread::sleep_for(milliseconds(100));
  client.send(kept_frame("c", 3));
  held.answer(1);
  held.answer(2);
  client.end_writing();
  EXPECT_TRUE(client.receive_response());
  EXPECT_TRUE(client.receive_response());
  EXPECT_TRUE(client.is_at_end());
  EXPECT_EQ(server_->callers().size(), 2U);
}

TEST_F(ConnectionDeadlines, AConnectionOfSomeAgeIsClosedWhenItFallsIdle) {
  serve(ScriptedServer::echo, {.keep_alive_max = milliseconds(100)});
  TestClient client = connect();
  client.send(kept_frame("a", 1));
  ASSERT_TRUE(client.receive_response());
  EXPECT_TRUE(client.is_at_end());
}

TEST_F(ConnectionDeadlines, AFurtherRequestHasADeadlineOfItsOwn) {
  serve(ScriptedServer::echo,
        {.request_timeout = milliseconds(100), .drain_timeout = milliseconds(50)});
  TestClient client = connect();
  client.send(kept_frame("a", 1));
  ASSERT_TRUE(client.receive_response());
  std::this_thread::sleep_for(milliseconds(200));
  client.send(ByteView(kept_frame("b", 2)).first(20));
  const Clock::time_point before = Clock::now();
  EXPECT_EQ(client.receive_to_end().status(), Status::ConnectionError);
  EXPECT_GE(Clock::now() - before, milliseconds(90));
}

TEST_F(ConnectionDeadlines, NoneRunsWhileTheDaemonDoesNotRead) {
  serve(ScriptedServer::echo,
        {.request_timeout = milliseconds(100), .drain_timeout = milliseconds(50)});
  const std::shared_ptr<Account> account = account_of(1000);
  Charge taken;
  TestClient client = connect();
  const Bytes frame = request_frame("body");
  client.send(ByteView(frame).first(10));
  client.wait_until_read();
  in_loop([] {});  // that read is over
  taken = account->charge({.frames = kPlenty.frames});
  client.send(ByteView(frame).subspan(10));
  std::this_thread::sleep_for(milliseconds(300));
  EXPECT_TRUE(server_->callers().empty());
  EXPECT_EQ(open_connections(), 1U);
  taken.release();
  EXPECT_EQ(client.receive_to_end().body(), "body");
}

TEST_F(ConnectionDeadlines, AClientThatNeitherWritesNorClosesIsNotDrainedForever) {
  serve(ScriptedServer::echo, {.drain_timeout = milliseconds(50)});
  TestClient client = connect();
  client.send(view_of("GET "));
  EXPECT_TRUE(closes_within(seconds(5)));
  EXPECT_EQ(client.receive_to_end().status(), Status::InvalidHeader);
}

}  // namespace
}  // namespace strongroom
