#include "service/process/signals.h"

#include <csignal>
#include <poll.h>

#include <gtest/gtest.h>

#include "tests/unit/process/in_child.h"

namespace strongroom {
namespace {

using testing::holds_in_child;

bool is_readable(int fd) {
  pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
  return poll(&entry, 1, 0) == 1;
}

TEST(Signals, AreWaitedForInsteadOfKilling) {
  for (const auto& [signal, kind] :
       {std::pair(SIGTERM, Signals::Kind::Stop), std::pair(SIGINT, Signals::Kind::Stop),
        std::pair(SIGHUP, Signals::Kind::Reload)})
    EXPECT_TRUE(holds_in_child([signal = signal, kind = kind] {
      auto signals = Signals::block();
      if (!signals || is_readable(signals->descriptor()) || raise(signal) != 0) return false;
      if (!is_readable(signals->descriptor())) return false;
      const auto received = signals->wait();
      return received && *received == kind && !is_readable(signals->descriptor());
    })) << signal;
}

TEST(Signals, SentTwiceAreReceivedTwiceWhenTheFirstIsTaken) {
  EXPECT_TRUE(holds_in_child([] {
    auto signals = Signals::block();
    if (!signals) return false;
    for (int i = 0; i < 2; ++i)
      if (raise(SIGTERM) != 0 || !signals->wait()) return false;
    return true;
  }));
}

}  // namespace
}  // namespace strongroom
