#include "tests/fault/fault_fixture.h"

#include <cstdlib>
#include <random>
#include <sstream>

namespace strongroom::testing {

unsigned test_seed() {
  const char* chosen = ::secure_getenv("STRONGROOM_TEST_SEED");
  const unsigned seed = chosen == nullptr
                            ? std::random_device()()
                            : static_cast<unsigned>(std::strtoul(chosen, nullptr, 10));
  fmt::print("STRONGROOM_TEST_SEED={}\n", seed);
  return seed;
}

int rounds(int usual) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return (usual + 9) / 10;
#else
  return usual;
#endif
}

std::set<std::string> FaultTest::listed() {
  ClientResult<std::vector<KeyInfo>> keys = client_of(place_.socket()).list_keys();
  EXPECT_THAT(keys, IsOk());
  std::set<std::string> names;
  if (!keys) return names;
  for (const KeyInfo& key : *keys)
    EXPECT_TRUE(names.insert(key.name).second) << "listed twice: " << key.name;
  return names;
}

void FaultTest::expect_clean_fsck() {
  const Ended fsck = place_.fsck();
  EXPECT_EQ(fsck.exit_code, 0) << fsck.output;
  EXPECT_THAT(fsck.output, ::testing::HasSubstr(" 0 findings"));
}

void FaultTest::expect_quiet_log() {
  std::istringstream log(place_.log_text());
  for (std::string line; std::getline(log, line);)
    EXPECT_FALSE(line.contains("degraded") || line.contains(" error component=")) << line;
}

void FaultTest::expect_whole(KeyBook& book) {
  DaemonProcess daemon(place_);
  ASSERT_TRUE(daemon.await_ready());
  book.verify();
  EXPECT_EQ(listed(), book.present());
  EXPECT_EQ(daemon.stop(), 0);
  expect_clean_fsck();
}

void InjectionTest::SetUp() {
  if (const std::string reason = why_no_injection(place_); !reason.empty()) GTEST_SKIP() << reason;
}

}  // namespace strongroom::testing
