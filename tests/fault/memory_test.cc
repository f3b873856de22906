// Less memory than clients ask for.
#include <atomic>
#include <fstream>
#include <thread>

#include "tests/fault/fault_fixture.h"
#include "tests/support/attributes.h"

namespace strongroom::testing {
namespace {

using namespace std::chrono_literals;

struct Limit {
  const char* name;
  const char* option;  // of prlimit(1)
  const char* used;    // in /proc/PID/status

  friend void PrintTo(const Limit& what, std::ostream* out) { *out << what.name; }
};

class MemoryTest : public FaultTest, public ::testing::WithParamInterface<Limit> {
 protected:
  // From now on the daemon may have `more` bytes beside what it has.
  void allow(const DaemonProcess& daemon, std::size_t more) const {
    std::ifstream status(fmt::format("/proc/{}/status", daemon.pid()));
    std::size_t kibibytes = 0;
    for (std::string line; std::getline(status, line);)
      if (line.starts_with(GetParam().used))
        kibibytes = std::stoul(line.substr(line.find(':') + 1));
    ASSERT_GT(kibibytes, 0U);
    set_limit(daemon, fmt::to_string(kibibytes * 1024 + more));
  }
  // The daemon's own user may do that.
  void set_limit(const DaemonProcess& daemon, const std::string& bytes) const {
    const Ended set = place_.run({"prlimit", "--pid", fmt::to_string(daemon.pid()),
                                  fmt::format("--{}={}:", GetParam().option, bytes)});
    ASSERT_EQ(set.exit_code, 0) << set.output;
  }

  struct Outcomes {
    std::atomic<int> served = 0;
    std::atomic<int> refused = 0;  // in words
    std::atomic<int> closed = 0;   // without
  };
  // As many clients hash a mebibyte again and again until `is_over`, each at least once.
  void ask_for_much(int clients, const std::atomic<bool>& is_over, Outcomes& outcomes) const {
    std::vector<std::jthread> threads;
    for (int i = 0; i < clients; ++i)
      threads.emplace_back([this, &is_over, &outcomes] {
        Client client = client_of(place_.socket());
        const Bytes input(1'000'000);
        do {
          const ClientResult<Bytes> hash = client.hash_compute(psa::Hash::Sha256, input);
          if (hash)
            ++outcomes.served;
          else if (hash.error().status() == Status::PsaErrorInsufficientMemory)
            ++outcomes.refused;
          else
            ++outcomes.closed;
        } while (!is_over);
      });
  }
  void expect_plenty() const {
    Outcomes outcomes;
    ask_for_much(8, true, outcomes);
    EXPECT_EQ(outcomes.served, 8);
  }
};

TEST_P(MemoryTest, RunsOutForThoseWhoAskForMuchAlone) {
  // With an arena for each thread there would be tens of mebibytes of addresses in reserve.
  DaemonProcess daemon(place_, {.wrapper = {"env", "MALLOC_ARENA_MAX=1"}});
  ASSERT_TRUE(daemon.await_ready());
  KeyBook book(place_.socket(), "book", 0);
  ASSERT_TRUE(book.create(book.name(0)));
  expect_plenty();

  allow(daemon, 4 << 20);
  Outcomes outcomes;
  std::atomic<bool> is_over = false;
  {
    std::jthread crowd([&] { ask_for_much(48, is_over, outcomes); });
    EXPECT_TRUE(eventually([&] { return outcomes.refused > 0 || daemon.has_ended(); }, 60s));
    Client client = client_of(place_.socket());
    for (int i = 0; i < 3 && !daemon.has_ended(); ++i) {
      EXPECT_THAT(client.ping(), IsOk());
      EXPECT_TRUE(book.step());
    }
    is_over = true;
  }
  fmt::print("{} served, {} refused, {} closed\n", outcomes.served.load(), outcomes.refused.load(),
             outcomes.closed.load());
  ASSERT_FALSE(daemon.has_ended());

  set_limit(daemon, "unlimited");
  expect_plenty();
  book.verify();
  EXPECT_EQ(book.doubtful(), 0U) << "a change failed for which there was room";
  EXPECT_EQ(daemon.stop(), 0);
  expect_whole(book);
}

INSTANTIATE_TEST_SUITE_P(Limits, MemoryTest,
                         ::testing::Values(Limit{"AddressSpace", "as", "VmSize:"},
                                           Limit{"Data", "data", "VmData:"}),
                         [](const auto& what) { return std::string(what.param.name); });

}  // namespace
}  // namespace strongroom::testing
