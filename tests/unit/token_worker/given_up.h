// What a process can still do that has given something up, as workers do.
#pragma once

#include <functional>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/error.h"

namespace strongroom::testing {

// Whether `attempt` succeeds in a process of its own, once that has given up.
inline bool succeeds(const std::function<Result<>()>& give_up,
                     const std::function<bool()>& attempt) {
  constexpr int kDone = 10;
  constexpr int kRefused = 11;
  constexpr int kNotBegun = 12;
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(!give_up() ? kNotBegun : attempt() ? kDone : kRefused);
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_NE(WEXITSTATUS(status), kNotBegun);
  return WEXITSTATUS(status) == kDone;
}

}  // namespace strongroom::testing
