// What a reload and a stop change for connections.
#include <future>
#include <memory>
#include <string>

#include <gmock/gmock.h>

#include "tests/unit/connection/kept_connection_fixture.h"

namespace strongroom {
namespace {

using testing::all;
using ::testing::ElementsAre;
using testing::joined;
using testing::kept_frame;
using testing::KeptConnection;
using testing::milliseconds;
using testing::next;
using testing::request_frame;
using testing::ScriptedServer;
using testing::seconds;
using testing::TestClient;

TEST_F(KeptConnection, FollowingRequestsGoToTheServerOfAReload) {
  serve_held();
  TestClient client = connect();
  client.send(kept_frame("old", 1));
  ASSERT_TRUE(hold(1));
  const auto other = std::make_shared<ScriptedServer>(
      [](const Request& request, const std::stop_token&, Respond respond) {
        Response response = ScriptedServer::response_to(request);
        response.body = copy_of(view_of("new"));
        respond(std::move(response));
      });
  in_loop([&] { connections_->use(other, {.max_in_flight = 2}); });
  client.send(kept_frame("old", 2));
  EXPECT_EQ(next(client), "2:new");
  held_.answer(1);
  EXPECT_EQ(next(client), "1:old");
}

TEST_F(KeptConnection, WindingDownServesWhatWasSentAndClosesIdleOnes) {
  serve_held();
  TestClient idle = connect();
  idle.send(kept_frame("i", 1));
  ASSERT_TRUE(hold(1));
  held_.answer(1);
  EXPECT_EQ(next(idle), "1:i");
  TestClient busy = connect();
  busy.send(kept_frame("a", 2));
  ASSERT_TRUE(hold(1));
  std::promise<void> empty;
  const Bytes begun = kept_frame("d", 5);
  in_loop([&] {
    busy.send(joined({kept_frame("b", 3), kept_frame("c", 4), copy_of(ByteView(begun).first(5))}));
    connections_->wind_down([&] { empty.set_value(); });
  });
  EXPECT_EQ(next(idle), "end");
  busy.send(joined({copy_of(ByteView(begun).subspan(5)), kept_frame("never", 6)}));
  ASSERT_TRUE(hold(4));
  for (std::uint64_t session : {2U, 3U, 4U, 5U})
    held_.answer(session);
  busy.end_writing();
  EXPECT_THAT(all(busy), ElementsAre("2:a", "3:b", "4:c", "5:d", "end"));
  empty.get_future().get();
}

ConnectionSettings with_grace(ConnectionSettings settings, milliseconds grace) {
  settings.first_byte_grace = grace;
  return settings;
}

TEST_F(KeptConnection, WindingDownServesOneRequestOfWhoHasJustConnected) {
  serve(ScriptedServer::echo, with_grace(patient(), seconds(20)));
  TestClient plain = connect();
  TestClient kept = connect();
  std::promise<void> empty;
  in_loop([&] { connections_->wind_down([&] { empty.set_value(); }); });
  plain.send(request_frame("body"));
  EXPECT_EQ(plain.receive_to_end().body(), "body");
  kept.send(joined({kept_frame("a", 1), kept_frame("never", 2)}));
  kept.end_writing();
  EXPECT_THAT(all(kept), ElementsAre("1:a", "end"));
  EXPECT_EQ(empty.get_future().wait_for(seconds(5)), std::future_status::ready);
}

TEST_F(KeptConnection, WindingDownClosesWhoSendsNothingInTheGraceWithoutAnAnswer) {
  serve(ScriptedServer::echo, with_grace(patient(), milliseconds(50)));
  TestClient silent = connect();
  std::promise<void> empty;
  in_loop([&] { connections_->wind_down([&] { empty.set_value(); }); });
  EXPECT_TRUE(silent.receive_to_end().bytes.empty());
  EXPECT_EQ(empty.get_future().wait_for(seconds(5)), std::future_status::ready);
}

TEST_F(KeptConnection, WindingDownGivesNoGraceToWhoHasHadAnAnswer) {
  serve(ScriptedServer::echo, with_grace(patient(), seconds(20)));
  TestClient idle = connect();
  idle.send(kept_frame("a", 1));
  EXPECT_EQ(next(idle), "1:a");
  std::promise<void> empty;
  in_loop([&] { connections_->wind_down([&] { empty.set_value(); }); });
  EXPECT_EQ(next(idle), "end");
  EXPECT_EQ(empty.get_future().wait_for(seconds(5)), std::future_status::ready);
}

TEST_F(KeptConnection, SomeMayBeWoundDownAndOthersStay) {
  serve();
  TestClient chosen = connect({.uid = 1});
  TestClient other = connect({.uid = 2});
  for (TestClient* client : {&chosen, &other}) {
    client->send(kept_frame("a", 1));
    EXPECT_EQ(next(*client), "1:a");
  }
  in_loop([&] {
    connections_->wind_down_those([](const Caller& caller) { return caller.peer.uid == 1; });
  });
  EXPECT_EQ(next(chosen), "end");
  other.send(kept_frame("b", 2));
  EXPECT_EQ(next(other), "2:b");
  TestClient late = connect({.uid = 1});
  late.send(kept_frame("c", 3));
  EXPECT_EQ(next(late), "3:c");
}

}  // namespace
}  // namespace strongroom
