// The service's way to the processes that start token workers.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "providers/token_worker/worker_process.h"

namespace strongroom {

namespace spawner {
struct Answer;
struct Request;
}  // namespace spawner

// Two, forked from this process while it has one thread, no secret and no filter: nobody can fork
// another later. One is asked; the other takes its place when that has ended or does not answer.
// Each has one thread and one socket, can start one program, end what it has started, and say how
// that ended. It ends with this process, and its workers with it. An answer that comes late is
// passed over, and what was started by then ended. For any thread.
class Spawner final : public token_worker::WorkerStarter,
                      public std::enable_shared_from_this<Spawner> {
 public:
  // `program` is what it starts, without arguments and environment: where the build has put it. One
  // answers at once, but for a process that cannot be killed: for longer than `patience` nobody
  // waits.
  static Result<std::shared_ptr<Spawner>> fork(
      std::string program, std::chrono::milliseconds patience = std::chrono::seconds(5));
  ~Spawner() override;
  Spawner(const Spawner&) = delete;
  Spawner& operator=(const Spawner&) = delete;

  Result<std::unique_ptr<token_worker::WorkerProcess>> start(UniqueFd socket) override;
  bool is_gone() const noexcept override { return is_gone_; }

  // Of the one that is asked; -1 when there is none left.
  pid_t pid() const;

 private:
  class Process;
  struct Child {
    UniqueFd socket;
    pid_t pid;
  };

  Spawner(std::string program, std::chrono::milliseconds patience) noexcept
      : program_(std::move(program)), patience_(patience) {}
  Result<> fork_one();
  // What has become of a worker that `spawner` has started.
  Result<spawner::Answer> ask_for_end(pid_t spawner, spawner::Request request);
  // With the mutex held.
  Result<spawner::Answer> ask(spawner::Request request, const UniqueFd& socket = {});
  Result<spawner::Answer> ask_first(const spawner::Request& request, const UniqueFd& socket);
  Result<spawner::Answer> answer_to(std::uint64_t number);
  void discard_late(const spawner::Answer& late);
  void give_up_first(std::string_view why);

  const std::string program_;
  const std::chrono::milliseconds patience_;
  mutable std::mutex mutex_;     // one request and its answer at a time
  std::vector<Child> children_;  // the first is asked
  unsigned unanswered_ = 0;      // requests to it, in a row
  std::uint64_t number_ = 0;     // of the last request
  std::atomic<bool> is_gone_ = false;
};

// "strongroom-token-worker" of this installation, or of the build directory that this process was
// started from.
std::string token_worker_program();

}  // namespace strongroom
