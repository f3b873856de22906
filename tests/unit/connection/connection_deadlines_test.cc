#include "tests/unit/connection/connection_fixture.h"

namespace strongroom {
namespace {

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

TEST_F(ConnectionDeadlines, AClientThatNeitherWritesNorClosesIsNotDrainedForever) {
  serve(ScriptedServer::echo, {.drain_timeout = milliseconds(50)});
  TestClient client = connect();
  client.send(view_of("GET "));
  EXPECT_TRUE(closes_within(seconds(5)));
  EXPECT_EQ(client.receive_to_end().status(), Status::InvalidHeader);
}

}  // namespace
}  // namespace strongroom
