#include <array>
#include <new>
#include <sys/socket.h>

#include <gmock/gmock.h>

#include "service/connection/connection.h"
#include "tests/unit/connection/scripted_server.h"
#include "tests/unit/connection/test_client.h"

namespace strongroom {
namespace {

using ::testing::Each;
using testing::ScriptedServer;
using testing::TestClient;

TEST(Scratch, IsWipedAlsoWhenMemoryRunsOut) {
  const std::unique_ptr<Loop> loop = std::move(Loop::create()).value();
  bool has_run_out = false;
  Bytes scratch(kBufferStep);
  Surroundings surroundings{.loop = *loop,
                            .server = std::make_shared<ScriptedServer>([&](auto&&...) {
                              has_run_out = true;
                              loop->stop();
                              throw std::bad_alloc();
                            }),
                            .settings = {},
                            .scratch = scratch,
                            .forget = [](Connection&) {}};
  std::array<int, 2> pair{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
  TestClient client{UniqueFd(pair[1])};
  auto account = Accounts::create({})->account_of(Principal::user(1));
  Connection connection(UniqueFd{pair[0]}, Caller{.peer = {}, .account = account}, Charge(),
                        surroundings);
  ASSERT_TRUE(connection.start());
  client.send(testing::kept_frame("somebody's secret", 1));
  loop->run();
  EXPECT_TRUE(has_run_out);
  EXPECT_THAT(scratch, Each(std::byte{0}));
}

}  // namespace
}  // namespace strongroom
