// Security requirements T4 and V2: a disk that fails, is full, or cannot be written.
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <thread>

#include "tests/fault/fault_fixture.h"
#include "tests/support/attributes.h"

namespace strongroom::testing {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kSomeKeys = 8;

struct FailingCall {
  const char* call;
  const char* error;
  int first;  // more than the thread makes that opens the store

  std::string name() const { return fmt::format("{}_{}", call, error); }
  friend void PrintTo(const FailingCall& what, std::ostream* out) { *out << what.name(); }
};

class FailingCallTest : public InjectionTest, public ::testing::WithParamInterface<FailingCall> {
 protected:
  // Two keys from better times.
  void SetUp() override {
    InjectionTest::SetUp();
    if (IsSkipped()) return;
    DaemonProcess daemon(place_);
    ASSERT_TRUE(daemon.await_ready());
    while (next_ < 2)
      ASSERT_TRUE(book_.create(book_.name(next_++)));
    ASSERT_EQ(daemon.stop(), 0);
  }

  // `more`: "" for one failure, "+" for all from then on.
  DaemonOptions failing(const std::string& more) const {
    const auto [call, error, first] = GetParam();
    return {.wrapper = injecting(fmt::format("{}:error={}:when={}{}", call, error, first, more))};
  }

  // Creates keys until one is not acknowledged.
  void create_until_it_fails() {
    while (book_.doubtful() == 0) {
      ASSERT_LT(next_, kSomeKeys) << "no change failed";
      ASSERT_TRUE(book_.create(book_.name(next_++)));
    }
  }

  void expect_recovery() {
    EXPECT_TRUE(eventually([this] { return place_.log_text().contains("writes succeed again"); }));
    const std::size_t acknowledged = book_.acknowledged();
    book_.verify();
    EXPECT_TRUE(book_.create(book_.name(next_)));
    EXPECT_EQ(book_.acknowledged(), acknowledged + 1);
  }

  KeyBook book_{place_.socket(), "disk", 0};
  std::size_t next_ = 0;
};

TEST_P(FailingCallTest, OneFailureIsToldAndForgotten) {
  DaemonProcess daemon(place_, failing(""));
  ASSERT_TRUE(daemon.await_ready());
  create_until_it_fails();
  expect_recovery();
  EXPECT_EQ(book_.doubtful(), 1U);
  EXPECT_EQ(daemon.stop(), 0);
  expect_whole(book_);
}

TEST_P(FailingCallTest, LastingFailureStopsChangesAloneAndNeedsNoRestart) {
  DaemonProcess daemon(place_, failing("+"));
  ASSERT_TRUE(daemon.await_ready());
  create_until_it_fails();
  const std::size_t acknowledged = book_.acknowledged();
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(book_.create(book_.name(next_++)));
  EXPECT_EQ(book_.acknowledged(), acknowledged) << "a change that did not reach the disk";
  EXPECT_THAT(listed(), ::testing::IsSupersetOf(book_.present())) << "reading needs no writing";
  EXPECT_THAT(place_.log_text(), HasSubstr("degraded: writing failed"));

  daemon.end_tracing();
  expect_recovery();
  EXPECT_EQ(daemon.stop(), 0);
  expect_whole(book_);
}

INSTANTIATE_TEST_SUITE_P(Calls, FailingCallTest,
                         ::testing::Values(FailingCall{"fdatasync", "EIO", 6},
                                           FailingCall{"pwrite64", "EIO", 14},
                                           // What a file system gives that has turned read-only.
                                           FailingCall{"pwrite64", "EROFS", 14}),
                         [](const auto& what) { return what.param.name(); });

// The database and its log cannot be written, not even by who has them open.
class ImmutableFilesTest : public FaultTest {
 protected:
  void TearDown() override { make_immutable(false); }

  bool make_immutable(bool is_immutable) const {
    bool is_done = true;
    for (const char* name : {"keys.db", "keys.db-wal"})
      is_done =
          is_done && run_as_ourselves(fmt::format("chattr {}i {} 2>/dev/null",
                                                  is_immutable ? '+' : '-', place_.file(name)));
    return is_done;
  }
  static bool run_as_ourselves(const std::string& command) {
    return std::system(command.c_str()) == 0;
  }
};

TEST_F(ImmutableFilesTest, StopChangesAloneUntilTheyCanBeWrittenAgain) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  KeyBook book(place_.socket(), "fixed", 0);
  DaemonProcess daemon(place_);
  ASSERT_TRUE(daemon.await_ready());
  ASSERT_TRUE(book.create(book.name(0)));
  if (!make_immutable(true)) GTEST_SKIP() << "needs root and a file system with attributes";

  Client client = client_of(place_.socket());
  EXPECT_THAT(client.generate_key("refused", ecc_pair()), FailsWith(Status::KeyInfoManagerError));
  EXPECT_THAT(client.destroy_key(book.name(0)), FailsWith(Status::KeyInfoManagerError));
  EXPECT_EQ(listed(), book.present()) << "reading needs no writing";
  book.verify();
  EXPECT_THAT(place_.log_text(), HasSubstr("degraded: writing failed"));

  ASSERT_TRUE(make_immutable(false));
  EXPECT_TRUE(eventually([this] { return place_.log_text().contains("writes succeed again"); }));
  EXPECT_TRUE(book.create(book.name(1)));
  EXPECT_EQ(book.doubtful(), 0U);
  EXPECT_EQ(daemon.stop(), 0);
  expect_whole(book);
}

// The files stay writable, but none can be made or deleted.
class ReadOnlyDirectoryTest : public FaultTest {
 protected:
  void SetUp() override { expect_whole(book_); }
  void TearDown() override { set_mode(0755); }

  void set_mode(mode_t mode) const { ASSERT_EQ(::chmod(place_.state().c_str(), mode), 0); }

  KeyBook book_{place_.socket(), "dir", 0};
};

TEST_F(ReadOnlyDirectoryTest, AtWorkLosesNothingAcknowledged) {
  DaemonProcess daemon(place_);
  ASSERT_TRUE(daemon.await_ready());
  ASSERT_TRUE(book_.create(book_.name(0)));
  set_mode(0555);
  for (std::size_t i = 1; i < kSomeKeys; ++i)
    EXPECT_TRUE(book_.create(book_.name(i)));
  daemon.kill();
  set_mode(0755);
  expect_whole(book_);
}

TEST_F(ReadOnlyDirectoryTest, StopsTheStartAndSpoilsNothing) {
  set_mode(0555);
  DaemonProcess refused(place_);
  EXPECT_FALSE(refused.await_ready());
  EXPECT_EQ(refused.await_end(), 1);
  EXPECT_THAT(place_.log_text(), HasSubstr(place_.state()));
  set_mode(0755);
  expect_whole(book_);
}

// The state directory is a small file system that nobody else sees.
class SmallDiskTest : public FaultTest {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        !mount_state(0, "tmpfs"))
      GTEST_SKIP() << "needs a mount namespace: errno " << errno;
    is_mounted_ = true;
  }
  void TearDown() override {
    if (is_mounted_) ::umount2(place_.state().c_str(), MNT_DETACH);
  }

  bool mount_state(unsigned long flags, const char* type) const {
    const std::string options = fmt::format("size=2m,mode=0755,uid={0},gid={0}", kDaemonUid);
    return ::mount(type, place_.state().c_str(), type, flags, options.c_str()) == 0;
  }

  // Until the first refusal, which it gives.
  ClientResult<> fill() {
    while (true) {
      const std::string name = fmt::format("key{}", keys_.size());
      ClientResult<> made = client_.generate_key(name, ecc_pair());
      if (!made) return made;
      keys_.insert(name);
    }
  }

  void expect_all_there() {
    EXPECT_EQ(listed(), keys_);
    for (const std::string& name : keys_)
      ASSERT_THAT(client_.sign_hash(name, kEcdsaSha256, Bytes(32)), IsOk()) << name;
  }

  bool is_mounted_ = false;
  Client client_ = client_of(place_.socket());
  std::set<std::string> keys_;
};

TEST_F(SmallDiskTest, FullDiskRefusesKeysUntilThereIsRoom) {
  const std::string ballast = place_.file("ballast");
  std::ofstream(ballast) << std::string(500'000, 'x');
  DaemonProcess daemon(place_);
  ASSERT_TRUE(daemon.await_ready());
  EXPECT_THAT(fill(), FailsWith(Status::PsaErrorInsufficientStorage));
  const std::size_t when_full = keys_.size();
  EXPECT_GT(when_full, 100U);
  expect_all_there();

  std::filesystem::remove(ballast);
  EXPECT_TRUE(eventually([this] { return place_.log_text().contains("writes succeed again"); }));
  EXPECT_THAT(fill(), FailsWith(Status::PsaErrorInsufficientStorage));
  EXPECT_GT(keys_.size(), when_full);
  expect_all_there();
  fmt::print("{} keys, then {}\n", when_full, keys_.size());
  EXPECT_EQ(daemon.stop(), 0);
}

// Destroying a key writes before it frees.
TEST_F(SmallDiskTest, KeysAreDestroyedOnADiskWithoutAnyRoom) {
  DaemonProcess daemon(place_);
  ASSERT_TRUE(daemon.await_ready());
  ASSERT_THAT(fill(), FailsWith(Status::PsaErrorInsufficientStorage));
  for (int i = 0; i < 3; ++i) {
    const std::string rest = place_.file(fmt::format("rest{}", i));
    std::ofstream(rest) << std::string(3'000'000, 'x') << std::flush;
    const std::string name = *keys_.begin();
    ASSERT_THAT(client_.destroy_key(name), IsOk());
    keys_.erase(name);
    EXPECT_THAT(client_.sign_hash(name, kEcdsaSha256, Bytes(32)),
                FailsWith(Status::PsaErrorDoesNotExist));
    std::filesystem::resize_file(rest, std::filesystem::file_size(rest) / 2);
    std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  }
  expect_all_there();
  daemon.kill();
  DaemonProcess again(place_);
  ASSERT_TRUE(again.await_ready());
  expect_all_there();
}

// It may serve, or say what is wrong and start once there is room.
TEST_F(SmallDiskTest, StartOnAFullDiskSpoilsNothing) {
  {
    DaemonProcess daemon(place_);
    ASSERT_TRUE(daemon.await_ready());
    ASSERT_THAT(client_.generate_key("web", ecc_pair()), IsOk());
    keys_ = {"web"};
    EXPECT_EQ(daemon.stop(), 0);
  }
  const std::string ballast = place_.file("ballast");
  EXPECT_FALSE(std::ofstream(ballast) << std::string(3'000'000, 'x') << std::flush);
  {
    DaemonProcess daemon(place_);
    if (daemon.await_ready()) {
      expect_all_there();
      EXPECT_EQ(daemon.stop(), 0);
    } else {
      EXPECT_EQ(daemon.await_end(), 1);
      EXPECT_THAT(place_.log_text(), HasSubstr(place_.file("keys.db")));
    }
  }
  std::filesystem::remove(ballast);
  DaemonProcess daemon(place_);
  ASSERT_TRUE(daemon.await_ready());
  expect_all_there();
}

TEST_F(SmallDiskTest, ReadOnlyDiskStopsTheStartAndSpoilsNothing) {
  KeyBook book(place_.socket(), "disk", 0);
  expect_whole(book);
  ASSERT_TRUE(mount_state(MS_REMOUNT | MS_RDONLY, "tmpfs"));
  DaemonProcess refused(place_);
  EXPECT_FALSE(refused.await_ready());
  EXPECT_EQ(refused.await_end(), 1);
  EXPECT_THAT(place_.log_text(), HasSubstr(place_.file("keys.db")));
  ASSERT_TRUE(mount_state(MS_REMOUNT, "tmpfs"));
  expect_whole(book);
}

}  // namespace
}  // namespace strongroom::testing
