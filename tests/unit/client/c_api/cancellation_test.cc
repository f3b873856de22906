#include "client/c_api/cancellation.h"

#include <atomic>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

namespace strongroom::c_api {
namespace {

TEST(Cancellation, StopsWhatHasBegunAndNothingElse) {
  Cancellation cancellation;
  const std::stop_token begun = cancellation.token();
  cancellation.request_stop();
  EXPECT_TRUE(begun.stop_requested());
  EXPECT_FALSE(cancellation.token().stop_requested());
}

// Some of the threads hold its lock when the process forks.
TEST(Cancellation, ChildOfAProcessThatUsesItIsNotStuck) {
  Cancellation cancellation;
  std::atomic<bool> is_over = false;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      while (!is_over)
        if (cancellation.token().stop_requested()) cancellation.request_stop();
    });
  for (int round = 0; round < 100; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::alarm(20);
      const std::stop_token begun = cancellation.token();
      cancellation.request_stop();
      ::_exit(begun.stop_requested() ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_EQ(status, 0);
  }
  is_over = true;
}

}  // namespace
}  // namespace strongroom::c_api
