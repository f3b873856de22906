// libstrongroom against the real daemon: one kept connection, and daemons that come and go under
// it.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <poll.h>
#include <thread>

#include "strongroom/async_client.h"
#include "tests/fault/fault_fixture.h"
#include "tests/support/attributes.h"

namespace strongroom::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;

class ClientLibraryTest : public FaultTest {
 protected:
  // Sockets that the daemon has open: its listeners and one for each connection.
  static int sockets_of(const DaemonProcess& daemon) {
    const std::string folder = fmt::format("/proc/{}/fd", daemon.pid());
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      std::error_code code;
      const std::filesystem::path target = std::filesystem::read_symlink(entry.path(), code);
      count += target.string().starts_with("socket:");
    }
    return count;
  }

  // When what came before, such as the question whether it is ready, has been closed.
  static int sockets_at_rest(const DaemonProcess& daemon) {
    int count = sockets_of(daemon);
    for (int same = 0; same < 5;) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      const int now = sockets_of(daemon);
      same = now == count ? same + 1 : 0;
      count = now;
    }
    return count;
  }

  std::string write_configuration(const std::string& service) const {
    std::string path = place_.file("strongroom.toml");
    std::ofstream(path) << fmt::format(
        "[service]\nrequire_locked_memory = false\n"
        "[[socket]]\npath = \"{0}/strongroom.sock\"\nmode = \"0666\"\n"
        "[store]\npath = \"{0}/keys.db\"\nkey_source = \"file:{0}/store.key\"\n"
        "[admin]\ngroups = []\n{1}\n",
        place_.state(), service);
    return path;
  }
};

TEST_F(ClientLibraryTest, EightThreadsShareOneConnection) {
  DaemonProcess daemon(place_);
  ASSERT_TRUE(daemon.await_ready());
  const int before = sockets_at_rest(daemon);
  Client client = client_of(place_.socket());
  ASSERT_THAT(client.generate_key("key", ecc_pair()), IsOk());
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      for (int round = 0; round < 100; ++round) {
        Bytes hash(32, static_cast<std::byte>(i * 16 + round % 16));
        ClientResult<Bytes> signature = client.sign_hash("key", kEcdsaSha256, hash);
        ASSERT_THAT(signature, IsOk());
        // Another thread's signature would not verify.
        EXPECT_THAT(client.verify_hash("key", kEcdsaSha256, hash, *signature), IsOk());
      }
    });
  threads.clear();
  EXPECT_EQ(sockets_of(daemon), before + 1);
}

TEST_F(ClientLibraryTest, AsynchronousCallsShareOneConnection) {
  constexpr int kCalls = 500;
  DaemonProcess daemon(place_);
  ASSERT_TRUE(daemon.await_ready());
  const int before = sockets_at_rest(daemon);
  AsyncClient client =
      AsyncClient::open({.endpoint = place_.socket(), .trust_any_socket = true}).value();
  int ended = 0;
  for (int i = 0; i < kCalls; ++i)
    ASSERT_THAT(client.start(requests::generate_random(static_cast<std::uint64_t>(i)),
                             [&](ClientResult<SecretBytes> answer) {
                               EXPECT_THAT(answer, IsOk());
                               ++ended;
                             }),
                IsOk());
  while (ended < kCalls) {
    pollfd one{.fd = client.descriptor(), .events = POLLIN, .revents = 0};
    ASSERT_EQ(::poll(&one, 1, 30'000), 1);
    client.process();
  }
  EXPECT_EQ(sockets_of(daemon), before + 1);
}

// Each name is asked for once; a request that was sent twice would find its own key there.
TEST_F(ClientLibraryTest, NothingIsDoneTwiceWhileTheDaemonIsRestarted) {
  constexpr int kThreads = 6;
  std::mutex mutex;
  std::set<std::string> made;
  std::atomic<bool> is_over = false;
  std::atomic<int> unknown = 0;
  std::optional<DaemonProcess> daemon(std::in_place, place_);
  ASSERT_TRUE(daemon->await_ready());
  Client client = client_of(place_.socket());
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < kThreads; ++thread)
    threads.emplace_back([&, thread] {
      for (int i = 0; !is_over; ++i) {
        const std::string name = fmt::format("{}-{}", thread, i);
        ClientResult<> outcome = client.generate_key(name, ecc_pair());
        if (outcome) {
          std::scoped_lock lock(mutex);
          made.insert(name);
        } else {
          EXPECT_NE(outcome.error().source(), ErrorSource::Service) << outcome.error().message();
          unknown += outcome.error().outcome_is_unknown();
          if (!outcome.error().outcome_is_unknown()) std::this_thread::sleep_for(2ms);
        }
      }
    });
  for (int round = 0; round < rounds(6); ++round) {
    std::this_thread::sleep_for(150ms);
    if (round % 2 == 0)
      daemon->kill();
    else
      EXPECT_EQ(daemon->stop(), 0);
    daemon.emplace(place_);
    ASSERT_TRUE(daemon->await_ready());
  }
  std::this_thread::sleep_for(100ms);
  is_over = true;
  threads.clear();
  const std::set<std::string> there = listed();
  for (const std::string& name : made)
    EXPECT_THAT(there, Contains(name)) << "acknowledged, but not there";
  EXPECT_LE(there.size(), made.size() + static_cast<std::size_t>(unknown))
      << "made, though the caller was told that nothing was sent";
  fmt::print("{} keys made, {} outcomes unknown\n", made.size(), unknown.load());
}

TEST_F(ClientLibraryTest, ChangeAfterAPauseLongerThanTheDaemonKeepsSucceeds) {
  const std::string configuration = write_configuration("[limits]\nidle_timeout = \"200ms\"");
  DaemonProcess daemon(place_, {.configuration = configuration});
  ASSERT_TRUE(daemon.await_ready());
  Client client = client_of(place_.socket());
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(client.generate_key(fmt::format("key-{}", i), ecc_pair()), IsOk());
    EXPECT_THAT(client.ping(), IsOk());
    // The daemon closes within this time, and drains what comes for a while after.
    std::this_thread::sleep_for(200ms + i * 150ms);
  }
  EXPECT_THAT(client.destroy_key("key-0"), IsOk());
}

TEST_F(ClientLibraryTest, ChangeAfterARestartInAPauseSucceeds) {
  std::optional<DaemonProcess> daemon(std::in_place, place_);
  ASSERT_TRUE(daemon->await_ready());
  Client client = client_of(place_.socket());
  for (int i = 0; i < 4; ++i) {
    EXPECT_THAT(client.generate_key(fmt::format("key-{}", i), ecc_pair()), IsOk());
    EXPECT_EQ(daemon->stop(), 0);
    daemon.emplace(place_);
    ASSERT_TRUE(daemon->await_ready());
  }
  EXPECT_THAT(client.list_keys(), IsOk());
}

TEST_F(ClientLibraryTest, RequestThatIsTooLargeIsRefusedAndOthersGoOn) {
  DaemonProcess daemon(place_);
  ASSERT_TRUE(daemon.await_ready());
  Client client = client_of(place_.socket());
  for (int i = 0; i < 3; ++i)
    ASSERT_THAT(client.ping(), IsOk());
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      for (int round = 0; round < 20; ++round) {
        if (i == 0)
          EXPECT_THAT(client.hash_compute(psa::Hash::Sha256, Bytes(2'000'000)),
                      FailsWith(Status::BodySizeExceedsLimit));
        else
          EXPECT_THAT(client.hash_compute(psa::Hash::Sha256, Bytes(1000)), IsOk());
      }
    });
}

}  // namespace
}  // namespace strongroom::testing
