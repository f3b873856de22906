// What a worker says on standard error.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <sys/types.h>

#include "base/unique_fd.h"

namespace strongroom::spawner {

// Takes it from a pipe of the worker's own, and hands it to the log line by line: each says which
// worker it is from, without control characters, and cut; beyond some in a time they are counted
// only. The worker may write what it wants: the log's lines stay the service's.
class WorkerLog {
 public:
  static constexpr std::size_t kMostOfLine = 512;
  static constexpr unsigned kMostLines = 100;
  static constexpr std::chrono::seconds kTime{10};

  WorkerLog(UniqueFd pipe, pid_t worker) noexcept : pipe_(std::move(pipe)), worker_(worker) {}

  // Readable when there is something; -1 after the end. Does not block.
  int descriptor() const noexcept { return pipe_.get(); }
  // Some of what is there.
  void read();
  // All that is there, when the worker has ended, and what was left out.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;

  void take(std::string_view text);
  void end_line();
  bool may_say();
  void tell_of_left_out();

  UniqueFd pipe_;
  pid_t worker_;
  std::string line_;
  Clock::time_point begun_{};
  unsigned lines_ = 0;
  unsigned left_out_ = 0;
};

}  // namespace strongroom::spawner
