// Many clients at once, and fewer descriptors than clients.
#include <atomic>
#include <barrier>
#include <cerrno>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>

#include "base/unique_fd.h"
#include "tests/fault/fault_fixture.h"
#include "tests/support/attributes.h"

namespace strongroom::testing {
namespace {

using namespace std::chrono_literals;

class CrowdTest : public FaultTest {
 protected:
  // Does not wait: the queue of the socket may be full.
  UniqueFd connect() const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    place_.socket().copy(address.sun_path, sizeof(address.sun_path) - 1);
    UniqueFd made(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    EXPECT_TRUE(::connect(made.get(), generic, sizeof(address)) == 0 || errno == EAGAIN);
    return made;
  }
};

TEST_F(CrowdTest, OneOfSixtyFourCreatorsOfANameWins) {
  DaemonProcess daemon(place_);
  ASSERT_TRUE(daemon.await_ready());
  constexpr int kThreads = 64;
  for (int round = 0; round < rounds(10); ++round) {
    const std::string name = fmt::format("wanted{}", round);
    std::barrier start(kThreads);
    std::atomic<int> winners = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i)
      threads.emplace_back([&] {
        Client client = client_of(place_.socket());
        start.arrive_and_wait();
        const ClientResult<> made = client.generate_key(name, ecc_pair());
        if (made)
          ++winners;
        else
          EXPECT_THAT(made, FailsWith(Status::PsaErrorAlreadyExists));
      });
    threads.clear();
    EXPECT_EQ(winners, 1);
  }
  EXPECT_EQ(listed().size(), static_cast<std::size_t>(rounds(10)));
}

TEST_F(CrowdTest, OutOfDescriptorsItWaitsWithoutSpinning) {
  // Its own and some clients: a machine of eight processors takes more for its loops than one of
  // two.
  DaemonProcess daemon(place_, {.descriptors = 64});
  ASSERT_TRUE(daemon.await_ready());
  std::vector<UniqueFd> crowd;
  for (int i = 0; i < 200; ++i)
    crowd.push_back(connect());
  ASSERT_TRUE(eventually([this] { return place_.log_text().contains("paused suppressed="); }))
      << "it was to run out of descriptors";

  const auto before = daemon.processor_time();
  std::this_thread::sleep_for(2s);
  const auto spent = daemon.processor_time() - before;
  fmt::print("{} ms of processor time in 2 s\n", spent.count());
  EXPECT_LT(spent, 400ms);

  crowd.clear();
  Client client = client_of(place_.socket());
  EXPECT_THAT(client.ping(), IsOk());
  EXPECT_THAT(client.generate_key("late", ecc_pair()), IsOk());
  EXPECT_EQ(daemon.stop(), 0);
}

// The undefined behaviour sanitizer needs descriptors itself, and reports what is none without.
#ifndef __SANITIZE_ADDRESS__
TEST_F(CrowdTest, TooFewDescriptorsForItselfStopTheStart) {
  for (rlim_t descriptors = 5; descriptors < 24; ++descriptors) {
    DaemonProcess daemon(place_, {.descriptors = descriptors});
    // Its socket is there before its loops, of which the last may find no descriptor.
    const int code = daemon.await_ready() ? daemon.stop() : daemon.await_end();
    EXPECT_THAT(code, ::testing::AnyOf(0, 1)) << descriptors;
  }
  KeyBook book(place_.socket(), "few", 0);
  expect_whole(book);
}
#endif

}  // namespace
}  // namespace strongroom::testing
