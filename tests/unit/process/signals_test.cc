#include "service/process/signals.h"

#include <csignal>
#include <thread>

#include <gtest/gtest.h>

#include "tests/unit/process/in_child.h"

namespace strongroom {
namespace {

using testing::holds_in_child;
using Kind = Signals::Kind;

TEST(Signals, AreWaitedForInsteadOfKilling) {
  for (const auto& [signal, kind] : {std::pair(SIGTERM, Kind::Stop), std::pair(SIGINT, Kind::Stop),
                                     std::pair(SIGHUP, Kind::Reload)})
    EXPECT_TRUE(holds_in_child([signal = signal, kind = kind] {
      auto signals = Signals::block();
      if (!signals || raise(signal) != 0) return false;
      const auto received = signals->wait();
      return received && *received == kind;
    })) << signal;
}

TEST(Signals, SentAgainAreReceivedAgain) {
  EXPECT_TRUE(holds_in_child([] {
    auto signals = Signals::block();
    if (!signals) return false;
    for (int i = 0; i < 2; ++i)
      if (raise(SIGTERM) != 0 || !signals->wait()) return false;
    return true;
  }));
}

TEST(Signals, AreNotWaitedForAnyLongerThanWanted) {
  EXPECT_TRUE(holds_in_child([] {
    auto signals = Signals::block();
    if (!signals) return false;
    std::stop_source ended;
    bool is_nothing = false;
    std::thread waiting([&] {
      const auto received = signals->wait(ended.get_token());
      is_nothing = received && !received->has_value();
    });
    ended.request_stop();
    waiting.join();
    return is_nothing;
  }));
}

}  // namespace
}  // namespace strongroom
