// What came of a reload, for whoever asked for it by a signal, which has no answer.
#pragma once

#include <chrono>
#include <string>
#include <sys/types.h>

#include "base/error.h"

namespace strongroom {

struct ReloadNotice {
  // Since the machine started (CLOCK_MONOTONIC), before anything was read: whoever asked by then
  // has this answer.
  std::chrono::nanoseconds begun{0};
  bool is_applied = false;
  std::string message;
};

// In the directory that the service manager keeps for the daemon ($RUNTIME_DIRECTORY, see
// RuntimeDirectory= in systemd.exec(5)), which is closed to others; of several, strongroom/daemon;
// where there is none, nobody asks. What cannot be written is a warning in the log.
void publish_reload_notice(const ReloadNotice& notice);

// Asks the daemon with that number, of the same user and directory, and waits for the answer. Gives
// what it says, or PsaErrorNotPermitted with the refusal; PsaErrorGenericError when it ends or
// stays silent.
Result<std::string> ask_for_reload(pid_t daemon, std::chrono::milliseconds patience);

}  // namespace strongroom
