#include "service/process/signals.h"

#include <csignal>
#include <thread>

#include <gtest/gtest.h>

#include "tests/unit/process/in_child.h"

namespace strongroom {
namespace {

using testing::holds_in_child;
using Kind = Signals::Kind;

// A Result is not compared with a value: GCC 12 would ask whether it compares with itself.
template <typename T, typename V>
bool is(const Result<T>& result, V value) {
  return result && *result == value;
}

using std::chrono::milliseconds;
using std::chrono::minutes;

TEST(Signals, AreWaitedForInsteadOfKilling) {
  for (const auto& [signal, kind] : {std::pair(SIGTERM, Kind::Stop), std::pair(SIGINT, Kind::Stop),
                                     std::pair(SIGHUP, Kind::Reload)})
    EXPECT_TRUE(holds_in_child([signal = signal, kind = kind] {
      auto signals = Signals::block();
      if (!signals || raise(signal) != 0) return false;
      const auto received = signals->wait(minutes(1));
      return is(received, kind);
    })) << signal;
}

TEST(Signals, SentAgainAreReceivedAgain) {
  EXPECT_TRUE(holds_in_child([] {
    auto signals = Signals::block();
    if (!signals) return false;
    for (int i = 0; i < 2; ++i)
      if (raise(SIGTERM) != 0 || !signals->wait(minutes(1))) return false;
    return true;
  }));
}

TEST(Signals, ToStopComeBeforeThoseToReload) {
  EXPECT_TRUE(holds_in_child([] {
    auto signals = Signals::block();
    if (!signals || raise(SIGHUP) != 0 || raise(SIGTERM) != 0) return false;
    return is(signals->wait(minutes(1)), Kind::Stop) && is(signals->wait(minutes(1)), Kind::Reload);
  }));
}

TEST(Signals, AWishToReloadIsOneOfThem) {
  EXPECT_TRUE(holds_in_child([] {
    auto signals = Signals::block();
    if (!signals) return false;
    std::thread asking([&signals] { signals->ask_to_reload(); });
    const bool is_asked = is(signals->wait(minutes(1)), Kind::Reload);
    asking.join();
    signals->ask_to_reload();
    // Neither takes it for a stop nor loses it.
    return is_asked && is(signals->wait_for_stop(milliseconds(20)), false) &&
           is(signals->wait(minutes(1)), Kind::Reload);
  }));
}

TEST(Signals, ToReloadAreOneHoweverOftenTheyCome) {
  EXPECT_TRUE(holds_in_child([] {
    auto signals = Signals::block();
    if (!signals) return false;
    for (int i = 0; i < 100; ++i)
      if (raise(SIGHUP) != 0) return false;
    if (raise(SIGTERM) != 0) return false;
    return is(signals->wait(minutes(1)), Kind::Stop) &&
           is(signals->wait(minutes(1)), Kind::Reload) &&
           is(signals->wait_for_stop(milliseconds(0)), false);
  }));
}

TEST(Signals, ToReloadOutlastAWaitForOneToStop) {
  EXPECT_TRUE(holds_in_child([] {
    auto signals = Signals::block();
    if (!signals || raise(SIGHUP) != 0) return false;
    return is(signals->wait_for_stop(milliseconds(1)), false) &&
           is(signals->wait(minutes(1)), Kind::Reload);
  }));
}

TEST(Signals, ToStopEndTheWaitForThem) {
  EXPECT_TRUE(holds_in_child([] {
    auto signals = Signals::block();
    if (!signals || raise(SIGTERM) != 0) return false;
    return is(signals->wait_for_stop(minutes(1)), true);
  }));
}

TEST(Signals, ThatDoNotComeAreNotWaitedForLonger) {
  EXPECT_TRUE(holds_in_child([] {
    auto signals = Signals::block();
    return signals && is(signals->wait(milliseconds(1)), std::nullopt);
  }));
}

TEST(Signals, AreNotWaitedForAnyLongerThanWanted) {
  EXPECT_TRUE(holds_in_child([] {
    auto signals = Signals::block();
    if (!signals) return false;
    std::stop_source ended;
    bool is_nothing = false;
    std::thread waiting(
        [&] { is_nothing = is(signals->wait_for_stop(minutes(1), ended.get_token()), false); });
    ended.request_stop();
    waiting.join();
    return is_nothing && is(signals->wait_for_stop(minutes(1), ended.get_token()), false);
  }));
}

}  // namespace
}  // namespace strongroom
