// The real strongroomd as a process of its own, for tests that kill it, starve it and spoil its
// files. Needs no more than the program and, for a user of its own, root.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <sys/resource.h>
#include <sys/types.h>
#include <vector>

#include "tests/support/eventually.h"

namespace strongroom::testing {

inline constexpr uid_t kDaemonUid = 64000;  // when the tests run as root

// How a process ended, and what it said.
struct Ended {
  int exit_code = -1;  // -1 when a signal ended it
  int signal = 0;
  std::string output;  // standard output and standard error
};

// A directory with the daemon's program and its state directory, which belongs to the daemon's
// user. Goes with its contents.
class DaemonPlace {
 public:
  DaemonPlace();
  ~DaemonPlace();
  DaemonPlace(const DaemonPlace&) = delete;
  DaemonPlace& operator=(const DaemonPlace&) = delete;

  std::string program() const { return root_ + "/strongroomd"; }
  std::string log() const { return root_ + "/log"; }
  std::string state() const { return root_ + "/state"; }
  std::string file(const std::string& name) const { return state() + "/" + name; }
  std::string socket() const { return file("strongroom.sock"); }

  // Removes the state directory and makes an empty one.
  void clear_state() const;
  // What all daemons here have written to standard error.
  std::string log_text() const;

  // Runs a program to its end as the daemon's user.
  Ended run(const std::vector<std::string>& words) const;
  Ended fsck(const std::vector<std::string>& more = {}) const;
  // What the sqlite3 tool prints for statements about keys.db; a failing one fails the test.
  std::string sql(const std::string& statements) const;

 private:
  std::string root_;
};

struct DaemonOptions {
  // Words before the program's: a tracer that execs it.
  std::vector<std::string> wrapper;
  std::vector<std::string> arguments;
  std::string configuration;          // a file; empty: the defaults of --standalone
  std::optional<rlim_t> descriptors;  // RLIMIT_NOFILE
};

// One run of the daemon. It dies with this object, and with the thread that started it.
class DaemonProcess {
 public:
  explicit DaemonProcess(const DaemonPlace& place, DaemonOptions options = {});
  ~DaemonProcess();
  DaemonProcess(const DaemonProcess&) = delete;
  DaemonProcess& operator=(const DaemonProcess&) = delete;

  pid_t pid() const noexcept { return pid_; }
  // Waits until its socket accepts connections; false when it ended instead. Fails the test when
  // neither comes within 30 s, the bound of security requirement V2.
  bool await_ready();
  bool has_ended();
  // SIGKILL, and its end.
  void kill();
  // SIGTERM, and its end: the exit code, or -1 when a signal ended it.
  int stop();
  // Its end, which must come by itself.
  int await_end();
  std::chrono::milliseconds processor_time() const;
  // Detaches the tracer of `wrapper`: what it injects ends, and the daemon goes on.
  void end_tracing() const;

 private:
  const DaemonPlace& place_;
  pid_t pid_;
  std::optional<int> status_;  // of waitpid, once it has ended
};

// The wrapper that makes strace do `injection` (strace(1), -e inject) to the daemon; its counters
// are per thread.
std::vector<std::string> injecting(const std::string& injection);
// Why `injecting` does not work here; empty when it does.
std::string why_no_injection(const DaemonPlace& place);

}  // namespace strongroom::testing
