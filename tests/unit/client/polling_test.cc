// What is polled, and that it is quiet while there is nothing to do.
#include <atomic>
#include <chrono>
#include <poll.h>
#include <thread>
#include <vector>

#include "strongroom/async_client.h"
#include "tests/unit/client/client_matchers.h"
#include "tests/unit/client/scripted_service.h"

namespace strongroom {
namespace {

using namespace std::chrono_literals;
using testing::Conversation;
using testing::IsOk;
using testing::ScriptedService;

// A connection that is polled for room to send, while there is nothing to send, is always ready.
TEST(PollingOfAnAsyncClient, DescriptorIsQuietWhenWhatWasToBeSentIsCancelled) {
  std::atomic<bool> is_full = false;
  std::atomic<bool> is_drained = false;
  ScriptedService service([&](Conversation& conversation) {
    for (int i = 0; i < 2; ++i)
      if (auto request = conversation.next()) conversation.answer(*request);
    while (!is_full)
      std::this_thread::sleep_for(1ms);
    while (conversation.anything_within(50ms) && conversation.next()) {
    }
    is_drained = true;
    conversation.next();
  });
  AsyncClient client = AsyncClient::open({.endpoint = service.socket_path(),
                                          .provider = ProviderId::Software,
                                          .trust_any_socket = true})
                           .value();
  int done = 0;
  for (int i = 0; i < 2; ++i) {
    ASSERT_THAT(client.start(requests::ping(), [&](auto) { ++done; }), IsOk());
    while (done == i)
      client.process();
  }
  std::vector<CallId> calls;
  for (int i = 0; i < 60; ++i)
    calls.push_back(client
                        .start(requests::hash_compute(psa::Hash::Sha256, Bytes(8000)),
                               [&](auto) { ++done; }, {.timeout = 0ms})
                        .value());
  for (CallId call : calls)
    client.cancel(call);
  is_full = true;
  while (!is_drained)
    client.process();
  client.process();
  EXPECT_EQ(done, 62);
  pollfd one{.fd = client.descriptor(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&one, 1, 0), 0);
}

}  // namespace
}  // namespace strongroom
