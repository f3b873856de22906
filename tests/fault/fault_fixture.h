// What every fault test starts from.
#pragma once

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "tests/fault/key_book.h"
#include "tests/support/daemon_process.h"
#include "tests/support/matchers.h"

namespace strongroom::testing {

// Of the environment's STRONGROOM_TEST_SEED or by chance, and printed: a run can be repeated as far
// as threads and signals allow.
unsigned test_seed();

// As many, or fewer where instrumentation makes each take longer.
int rounds(int usual);

class FaultTest : public ::testing::Test {
 protected:
  // All keys of the caller, as the service lists them.
  std::set<std::string> listed();
  void expect_clean_fsck();
  // Nothing that an operator would have to act on was logged.
  void expect_quiet_log();
  // The store is whole: a start without faults, every key of `book` as it should be, fsck clean.
  void expect_whole(KeyBook& book);

  DaemonPlace place_;
};

// Tests with strace between.
class InjectionTest : public FaultTest {
 protected:
  void SetUp() override;
};

}  // namespace strongroom::testing
