// The service's way to the process that starts token workers.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "base/unique_fd.h"
#include "providers/token_worker/worker_process.h"

namespace strongroom {

namespace spawner {
struct Answer;
struct Request;
}  // namespace spawner

// Forked from this process while it has one thread, no secret and no filter. It has one thread and
// one socket, can start one program, end what it has started, and say how that ended. It ends with
// this process, and all workers with it. An answer that comes late is passed over, and what was
// started by then ended. For any thread.
class Spawner final : public token_worker::WorkerStarter,
                      public std::enable_shared_from_this<Spawner> {
 public:
  // `program` is what it starts, without arguments and environment: where the build has put it.
  static Result<std::shared_ptr<Spawner>> fork(std::string program);
  ~Spawner() override;
  Spawner(const Spawner&) = delete;
  Spawner& operator=(const Spawner&) = delete;

  Result<std::unique_ptr<token_worker::WorkerProcess>> start(UniqueFd socket) override;
  bool is_gone() const noexcept override { return is_gone_; }

  pid_t pid() const noexcept { return pid_; }

 private:
  class Process;

  Spawner(UniqueFd socket, pid_t pid, std::string program) noexcept
      : program_(std::move(program)), pid_(pid), socket_(std::move(socket)) {}
  Result<spawner::Answer> ask(spawner::Request request, const UniqueFd& socket = {});
  // With the mutex held.
  Result<spawner::Answer> answer_to(std::uint64_t number);
  void forsake(const spawner::Answer& late);

  const std::string program_;
  const pid_t pid_;
  std::mutex mutex_;  // one request and its answer at a time
  UniqueFd socket_;
  std::uint64_t number_ = 0;  // of the last request
  std::atomic<bool> is_gone_ = false;
};

// "strongroom-token-worker" of this installation, or of the build directory that this process was
// started from.
std::string token_worker_program();

}  // namespace strongroom
