// Runs what changes a process for good in a child of its own.
#pragma once

#include <cstdlib>
#include <functional>
#include <sys/wait.h>
#include <unistd.h>

namespace strongroom::testing {

// Whether `claim` holds there; false as well when the child died.
inline bool holds_in_child(const std::function<bool()>& claim) {
  const pid_t child = fork();
  if (child == 0) _exit(claim() ? EXIT_SUCCESS : EXIT_FAILURE);
  int status = 0;
  return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
         WEXITSTATUS(status) == EXIT_SUCCESS;
}

}  // namespace strongroom::testing
