#include "service/connection/connection.h"

#include <cerrno>
#include <malloc.h>
#include <string>

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

class ConnectionTest : public testing::ConnectionFixture {
 protected:
  // A client whose request is being served.
  struct Held {
    TestClient client;
    std::stop_token gone;
    Respond respond;
  };
  Held hold_request() {
    std::promise<std::pair<std::stop_token, Respond>> held;
    serve([&](const Request&, std::stop_token gone, Respond respond) {
      held.set_value({std::move(gone), std::move(respond)});
    });
    TestClient client = connect();
    client.send(request_frame("body"));
    auto [gone, respond] = held.get_future().get();
    return {std::move(client), std::move(gone), std::move(respond)};
  }

  static bool is_told_within(const Held& held, milliseconds time) {
    const auto end = Clock::now() + time;
    while (!held.gone.stop_requested() && Clock::now() < end)
      std::this_thread::sleep_for(milliseconds(1));
    return held.gone.stop_requested();
  }
};

// A header alone, announcing a body that is not there.
Bytes announcement(std::uint32_t body_size) {
  RequestHeader header;
  header.body_size = body_size;
  HeaderBytes encoded = encode(header);
  return {encoded.begin(), encoded.end()};
}

TEST_F(ConnectionTest, AnyFragmentationIsOneRequest) {
  serve();
  const Bytes frame = request_frame("some body", "some auth", 77);
  for (std::size_t size : {1U, 2U, 3U, 5U, 7U, 35U, 36U, 37U, 45U}) {
    TestClient client = connect();
    const std::vector<std::size_t> pieces((frame.size() - 1) / size, size);
    ASSERT_EQ(client.send_in_pieces(frame, pieces), 0);
    Received received = client.receive_to_end();
    ASSERT_EQ(received.status(), Status::Success) << size;
    EXPECT_EQ(received.body(), "some bodysome auth");
    EXPECT_EQ(received.response()->header.session, 77U);
    EXPECT_EQ(received.error, 0);
  }
}

TEST_F(ConnectionTest, AHeaderInFiveWritesIsServed) {
  serve();
  TestClient client = connect();
  constexpr std::array<std::size_t, 6> kRustClient{4, 2, 1, 1, 28, 4};
  ASSERT_EQ(client.send_in_pieces(request_frame("body", "auth"), kRustClient), 0);
  EXPECT_EQ(client.receive_to_end().body(), "bodyauth");
}

TEST_F(ConnectionTest, ABodyAtTheLimitIsServedWhole) {
  serve();
  TestClient client = connect();
  std::string body(ScriptedServer::kBodyLimit, 'b');
  body.front() = 'a';
  body.back() = 'c';
  const std::string auth(65535, 'd');
  ASSERT_EQ(client.send(request_frame(body, auth)), 0);
  EXPECT_EQ(client.receive_to_end().body(), body + auth);
}

TEST_F(ConnectionTest, ItTellsWhoAsks) {
  serve();
  TestClient client = connect();
  client.send(request_frame(""));
  client.receive_to_end();
  ASSERT_EQ(server_->callers().size(), 1U);
  EXPECT_EQ(server_->callers().front().peer.uid, 1000U);
}

TEST_F(ConnectionTest, AHalfCloseAfterTheRequestIsLegal) {
  std::promise<Respond> held;
  serve([&](Request, const std::stop_token&, Respond respond) {
    held.set_value(std::move(respond));
  });
  TestClient client = connect();
  client.send(request_frame("body"));
  client.end_writing();
  Respond respond = held.get_future().get();
  EXPECT_EQ(open_connections(), 1U);
  respond(Response());
  Received received = client.receive_to_end();
  EXPECT_EQ(received.status(), Status::Success);
  EXPECT_EQ(received.error, 0);
}

TEST_F(ConnectionTest, AClientThatReadsToTheEndGetsItRightAfterTheResponse) {
  serve();
  TestClient client = connect();
  const Clock::time_point before = Clock::now();
  client.send(request_frame("body"));
  EXPECT_EQ(client.receive_to_end().body(), "body");
  EXPECT_LT(Clock::now() - before, seconds(5));  // the drain deadline is 20 s
  EXPECT_TRUE(closes_within(seconds(5)));
}

TEST_F(ConnectionTest, AWrongMagicNumberIsAnsweredWithoutWaitingForMore) {
  serve();
  TestClient client = connect();
  client.send(view_of("GET "));
  EXPECT_EQ(client.receive_to_end().status(), Status::InvalidHeader);
}

TEST_F(ConnectionTest, AnEarlyErrorReachesAClientThatIsStillWriting) {
  serve();
  const std::string body(1024 * 1024, 'x');
  for (bool ends_writing : {false, true}) {
    Bytes frame = announcement(ScriptedServer::kBodyLimit + 1);
    frame.insert(frame.end(), view_of(body).begin(), view_of(body).end());
    TestClient client = connect();
    EXPECT_EQ(client.send(frame), 0);
    if (ends_writing) client.end_writing();
    Received received = client.receive_to_end();
    EXPECT_EQ(received.status(), Status::BodySizeExceedsLimit);
    EXPECT_EQ(received.error, 0);
  }
}

TEST_F(ConnectionTest, AClientThatNeverStopsWritingIsCutOff) {
  serve(ScriptedServer::echo, {.drain_timeout = seconds(20), .drain_limit = 256 * 1024});
  TestClient client = connect();
  const Bytes garbage(16 * 1024 * 1024, std::byte{'x'});
  EXPECT_EQ(client.send(garbage), EPIPE);
  EXPECT_TRUE(closes_within(seconds(5)));
}

TEST_F(ConnectionTest, BytesAfterTheRequestAreNeitherParsedNorAReset) {
  serve();
  for (std::string_view trailing : {"x", "GET / HTTP/1.1"}) {
    TestClient client = connect();
    Bytes frame = request_frame("body");
    frame.insert(frame.end(), view_of(trailing).begin(), view_of(trailing).end());
    client.send(frame);
    Received received = client.receive_to_end();
    EXPECT_EQ(received.body(), "body");
    EXPECT_EQ(received.error, 0);
  }
  TestClient client = connect();
  Bytes twice = request_frame("body");
  const Bytes copy = twice;
  twice.insert(twice.end(), copy.begin(), copy.end());
  client.send(twice);
  EXPECT_EQ(client.receive_to_end().body(), "body");
  EXPECT_EQ(server_->callers().size(), 3U);
}

TEST_F(ConnectionTest, BytesThatArriveWhileTheRequestIsServedAreNoResetEither) {
  std::promise<Respond> held;
  serve([&](Request, const std::stop_token&, Respond respond) {
    held.set_value(std::move(respond));
  });
  TestClient client = connect();
  client.send(request_frame("body"));
  Respond respond = held.get_future().get();
  client.send(Bytes(100'000));
  respond(Response());
  Received received = client.receive_to_end();
  EXPECT_EQ(received.status(), Status::Success);
  EXPECT_EQ(received.error, 0);
}

TEST_F(ConnectionTest, AnEndBeforeTheRequestIsCompleteIsAConnectionError) {
  serve();
  const Bytes frame = request_frame("body", "auth");
  for (std::size_t size : {std::size_t{0}, std::size_t{1}, kHeaderSize, frame.size() - 1}) {
    TestClient client = connect();
    client.send(ByteView(frame).first(size));
    client.end_writing();
    Received received = client.receive_to_end();
    EXPECT_EQ(received.status(), Status::ConnectionError) << size;
    EXPECT_EQ(received.error, 0);
  }
  EXPECT_TRUE(server_->callers().empty());
}

TEST_F(ConnectionTest, APeerThatLeavesBeforeItAsksIsForgotten) {
  serve();
  {
    TestClient silent = connect();
    TestClient begun = connect();
    begun.send(view_of("\x10"));
  }
  EXPECT_TRUE(closes_within(seconds(5)));
  EXPECT_EQ(accounts_->held().connections, 0U);
}

TEST_F(ConnectionTest, AnAnnouncedBodyCostsNoMemoryUntilItComes) {
  serve();
  std::vector<TestClient> clients;
  for (int i = 0; i < 200; ++i)
    clients.push_back(connect());
  EXPECT_EQ(open_connections(), 200U);
  const struct mallinfo2 before = ::mallinfo2();
  for (TestClient& client : clients) {
    client.send(announcement(ScriptedServer::kBodyLimit));
    client.wait_until_read();
  }
  EXPECT_EQ(open_connections(), 200U);
  const struct mallinfo2 after = ::mallinfo2();
  EXPECT_LT(after.uordblks + after.hblkhd,
            before.uordblks + before.hblkhd + std::size_t{1024 * 1024});
}

TEST_F(ConnectionTest, AClientThatGoesWhileItIsServedIsNoticed) {
  Held held = hold_request();
  EXPECT_FALSE(held.gone.stop_requested());
  held.client.hang_up();
  EXPECT_TRUE(is_told_within(held, seconds(5)));
  // Nobody is there to take the answer any more.
  held.respond(Response());
  EXPECT_TRUE(closes_within(seconds(5)));
}

TEST_F(ConnectionTest, AClientThatGoesCountsUntilItsRequestHasEnded) {
  Held held = hold_request();
  held.client.hang_up();
  ASSERT_TRUE(is_told_within(held, seconds(5)));
  EXPECT_EQ(open_connections(), 1U);
  EXPECT_EQ(accounts_->held().connections, 1U);
  held.respond = nullptr;  // dropped unserved
  EXPECT_TRUE(closes_within(seconds(5)));
  EXPECT_EQ(accounts_->held().connections, 0U);
}

TEST_F(ConnectionTest, AnswersFromOtherThreadsArrive) {
  std::vector<std::jthread> workers;
  serve([&](Request request, const std::stop_token&, Respond respond) {
    workers.emplace_back([request = std::move(request), respond = std::move(respond)]() mutable {
      respond(ScriptedServer::response_to(request));
    });
  });
  for (int i = 0; i < 100; ++i) {
    TestClient client = connect();
    const std::string body = std::to_string(i);
    client.send(request_frame(body));
    ASSERT_EQ(client.receive_to_end().body(), body);
  }
  stop();
}

TEST_F(ConnectionTest, ARequestLeftUnansweredClosesWithoutAResponse) {
  for (bool at_once : {true, false}) {
    std::promise<Respond> held;
    serve([&](Request, const std::stop_token&, Respond respond) {
      if (!at_once) held.set_value(std::move(respond));
    });
    TestClient client = connect();
    client.send(request_frame("body"));
    if (!at_once) held.get_future().get() = nullptr;
    Received received = client.receive_to_end();
    EXPECT_TRUE(received.bytes.empty());
    EXPECT_EQ(received.error, 0);
    stop();
  }
}

TEST_F(ConnectionTest, AnAnswerThatOutlivesEverythingIsDropped) {
  std::promise<Respond> held;
  serve([&](Request, const std::stop_token&, Respond respond) {
    held.set_value(std::move(respond));
  });
  TestClient client = connect();
  client.send(request_frame("body"));
  Respond respond = held.get_future().get();
  stop();
  EXPECT_TRUE(client.receive_to_end().bytes.empty());
  connections_.reset();
  loop_.reset();
  respond(Response());
}

TEST_F(ConnectionTest, ALongAnswerReachesASlowReaderWhole) {
  constexpr std::size_t kSize = 4 * 1024 * 1024;
  serve([](const Request&, const std::stop_token&, Respond respond) {
    respond({.body = Bytes(kSize, std::byte{'r'})});
  });
  TestClient client = connect();
  client.send(request_frame(""));
  std::this_thread::sleep_for(milliseconds(50));
  Received received = client.receive_to_end();
  EXPECT_EQ(received.status(), Status::Success);
  EXPECT_EQ(received.body().size(), kSize);
}

TEST_F(ConnectionTest, WindingDownSparesWhoeverHasBegun) {
  std::promise<Respond> held;
  serve([&](Request request, const std::stop_token&, Respond respond) {
    if (request.body.size() == 1) return held.set_value(std::move(respond));
    respond(Response());
  });
  TestClient silent = connect();
  TestClient begun = connect();
  TestClient served = connect();
  const Bytes frame = request_frame("body");
  begun.send(ByteView(frame).first(10));
  begun.wait_until_read();
  served.send(request_frame("1"));
  Respond respond = held.get_future().get();

  std::promise<void> empty;
  loop_->post([&] { connections_->wind_down([&] { empty.set_value(); }); });
  EXPECT_TRUE(silent.receive_to_end().bytes.empty());  // after the grace
  EXPECT_EQ(open_connections(), 2U);
  EXPECT_EQ(begun.send(ByteView(frame).subspan(10)), 0);
  EXPECT_EQ(begun.receive_to_end().status(), Status::Success);
  respond(Response());
  EXPECT_EQ(served.receive_to_end().status(), Status::Success);
  empty.get_future().get();
  TestClient late = connect();
  EXPECT_TRUE(late.receive_to_end().bytes.empty());
}

TEST_F(ConnectionTest, WindingDownDoesNotWaitForWhoHasGone) {
  Held held = hold_request();
  held.client.hang_up();
  ASSERT_TRUE(is_told_within(held, seconds(5)));
  std::promise<void> empty;
  loop_->post([&] { connections_->wind_down([&] { empty.set_value(); }); });
  EXPECT_EQ(empty.get_future().wait_for(seconds(5)), std::future_status::ready);
  held.respond(Response());
}

TEST_F(ConnectionTest, ARequestThatArrivedUnnoticedBeforeWindingDownIsServed) {
  serve();
  TestClient client = connect();
  std::promise<void> empty;
  in_loop([&] {
    client.send(request_frame("body"));
    connections_->wind_down([&] { empty.set_value(); });
  });
  EXPECT_EQ(client.receive_to_end().body(), "body");
  empty.get_future().get();
}

}  // namespace
}  // namespace strongroom
