// Security requirement T4: death at each system call by which a change gets to the disk.
#include <filesystem>

#include "tests/fault/fault_fixture.h"

namespace strongroom::testing {
namespace {

using namespace std::chrono_literals;

struct Cut {
  const char* call;
  int most;

  friend void PrintTo(const Cut& cut, std::ostream* out) { *out << cut.call; }
};

class CutWriteTest : public InjectionTest, public ::testing::WithParamInterface<Cut> {
 protected:
  // Some creates and destroys, and what the store does when it is left alone: it cuts the WAL
  // half a second after a destroy. Ends early when the daemon dies.
  static void work(KeyBook& book, DaemonProcess& daemon) {
    for (int i = 0; i < 8 && book.step(); ++i) {
    }
    eventually([&daemon] { return daemon.has_ended(); }, 700ms);
  }

  // Whether the daemon died at the `count`-th such call of one of its threads.
  bool dies_at(KeyBook& book, int count) {
    DaemonProcess daemon(
        place_,
        {.wrapper = injecting(fmt::format("{}:signal=SIGKILL:when={}", GetParam().call, count))});
    if (daemon.await_ready()) work(book, daemon);
    return daemon.has_ended();
  }
};

TEST_P(CutWriteTest, LosesNothingAcknowledged) {
  KeyBook book(place_.socket(), "cut", test_seed());
  expect_whole(book);
  int cuts = 0;
  for (int count = 1; count <= rounds(GetParam().most) && !HasFailure(); ++count) {
    SCOPED_TRACE(fmt::format("cut at {} {}", GetParam().call, count));
    if (!dies_at(book, count)) break;
    ++cuts;
    expect_whole(book);
  }
  fmt::print("{} cuts at {}, {} changes acknowledged, {} in doubt\n", cuts, GetParam().call,
             book.acknowledged(), book.doubtful());
  EXPECT_GT(cuts, 0);
  expect_quiet_log();
}

INSTANTIATE_TEST_SUITE_P(Calls, CutWriteTest,
                         ::testing::Values(Cut{"fdatasync", 30}, Cut{"pwrite64", 90},
                                           Cut{"ftruncate", 5}),
                         [](const auto& cut) { return std::string(cut.param.call); });

// The birth of a store, cut at each call that leaves a trace of it.
class FirstStartTest : public InjectionTest, public ::testing::WithParamInterface<const char*> {
 protected:
  // Whether it died there; else it serves.
  bool dies_at(int count) {
    place_.clear_state();
    DaemonProcess daemon(
        place_,
        {.wrapper = injecting(fmt::format("{}:signal=SIGKILL:when={}", GetParam(), count))});
    return !daemon.await_ready();
  }
  bool has_left_anything() const { return !std::filesystem::is_empty(place_.state()); }
};

TEST_P(FirstStartTest, CutShortIsMadeGoodByTheNext) {
  int cuts = 0;
  for (int count = 1; dies_at(count) && !HasFailure(); ++count) {
    if (!has_left_anything()) continue;
    SCOPED_TRACE(fmt::format("cut at {} {}", GetParam(), count));
    ++cuts;
    KeyBook book(place_.socket(), "first", 0);
    expect_whole(book);
    for (const char* left : {"keys.db.creating", "store.key.creating"})
      EXPECT_FALSE(std::filesystem::exists(place_.file(left))) << left;
  }
  fmt::print("{} starts cut at {}\n", cuts, GetParam());
  expect_quiet_log();
}

class FailingFirstStartTest : public FirstStartTest {};

TEST_P(FailingFirstStartTest, IsStoppedOrServesAndSpoilsNothing) {
  for (int count = 1; count <= 6 && !HasFailure(); ++count) {
    SCOPED_TRACE(fmt::format("{} {} fails", GetParam(), count));
    place_.clear_state();
    {
      DaemonProcess daemon(
          place_, {.wrapper = injecting(fmt::format("{}:error=EIO:when={}", GetParam(), count))});
      if (daemon.await_ready())
        EXPECT_EQ(daemon.stop(), 0);
      else
        EXPECT_EQ(daemon.await_end(), 1);
    }
    KeyBook book(place_.socket(), "first", 0);
    expect_whole(book);
  }
}

INSTANTIATE_TEST_SUITE_P(Calls, FailingFirstStartTest,
                         ::testing::Values("fsync", "fdatasync", "pwrite64", "renameat2"),
                         [](const auto& call) { return std::string(call.param); });

INSTANTIATE_TEST_SUITE_P(Calls, FirstStartTest,
                         ::testing::Values("openat", "fchmod", "write", "pwrite64", "fsync",
                                           "fdatasync", "ftruncate", "renameat2", "unlink", "bind"),
                         [](const auto& call) { return std::string(call.param); });

}  // namespace
}  // namespace strongroom::testing
