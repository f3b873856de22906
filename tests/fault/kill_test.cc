// Security requirement T4: SIGKILL at any moment.
#include <thread>

#include "tests/fault/fault_fixture.h"

namespace strongroom::testing {
namespace {

class KillTest : public FaultTest {
 protected:
  void SetUp() override {
    const unsigned seed = test_seed();
    random_.seed(seed);
    for (unsigned i = 0; i < kClients; ++i)
      books_.push_back(std::make_unique<KeyBook>(place_.socket(), fmt::format("c{}", i), seed + i));
  }

  void expect_books_to_hold() {
    std::set<std::string> known;
    for (const auto& book : books_) {
      book->verify();
      known.merge(book->present());
    }
    EXPECT_EQ(listed(), known);
  }

  // Clients at work until the daemon has gone.
  void kill_at_work(DaemonProcess& daemon) {
    std::vector<std::jthread> clients;
    for (const auto& book : books_)
      clients.emplace_back([&book] {
        while (book->step()) {
        }
      });
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + random_() % 100));
    EXPECT_FALSE(daemon.has_ended());
    daemon.kill();
  }

  void report(int kills) {
    std::size_t acknowledged = 0;
    std::size_t doubtful = 0;
    for (const auto& book : books_) {
      acknowledged += book->acknowledged();
      doubtful += book->doubtful();
    }
    fmt::print("{} kills, {} changes acknowledged, {} in doubt\n", kills, acknowledged, doubtful);
    EXPECT_GT(acknowledged, static_cast<std::size_t>(kills)) << "the clients hardly worked";
  }

  static constexpr unsigned kClients = 4;
  std::mt19937 random_;
  std::vector<std::unique_ptr<KeyBook>> books_;
};

TEST_F(KillTest, EveryAcknowledgedChangeOutlivesThreeHundredKills) {
  const int kills = rounds(300);
  for (int kill = 0; kill < kills && !HasFailure(); ++kill) {
    SCOPED_TRACE(fmt::format("after {} kills", kill));
    DaemonProcess daemon(place_);
    ASSERT_TRUE(daemon.await_ready());
    expect_books_to_hold();
    kill_at_work(daemon);
    if (kill % 50 == 49) expect_clean_fsck();
  }
  DaemonProcess daemon(place_);
  ASSERT_TRUE(daemon.await_ready());
  expect_books_to_hold();
  EXPECT_EQ(daemon.stop(), 0);
  expect_clean_fsck();
  expect_quiet_log();
  report(kills);
}

// SQLite deletes the WAL with the last connection, and tells the last by locks that a daemon must
// hold from its first start on.
TEST_F(FaultTest, KillAfterAForeignReaderLosesNothing) {
  if (place_.run({"sqlite3", "-version"}).exit_code != 0) GTEST_SKIP() << "needs sqlite3";
  KeyBook book(place_.socket(), "read", test_seed());
  for (int start = 0; start < 2; ++start) {
    DaemonProcess daemon(place_);
    ASSERT_TRUE(daemon.await_ready());
    for (int i = 0; i < 5; ++i)
      ASSERT_TRUE(book.step());
    place_.sql("SELECT count(*) FROM key");
    for (int i = 0; i < 5; ++i)
      ASSERT_TRUE(book.step());
    daemon.kill();
    expect_whole(book);
  }
}

}  // namespace
}  // namespace strongroom::testing
