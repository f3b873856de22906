// Processes of token workers, as whoever uses them sees those who start them.
#pragma once

#include <memory>
#include <string>
#include <sys/types.h>

#include "base/error.h"
#include "base/unique_fd.h"

namespace strongroom::token_worker {

// One that was started. For any thread; no two at a time.
class WorkerProcess {
 public:
  // Ends it, if nobody has.
  virtual ~WorkerProcess() = default;
  virtual pid_t pid() const noexcept = 0;
  // At once. How it ended, whoever ended it: "killed by signal 11".
  virtual std::string kill() = 0;
  // It ends when its socket is closed; one that takes its time over that is killed. Does not
  // wait.
  virtual void let_end() = 0;
};

// For any thread.
class WorkerStarter {
 public:
  virtual ~WorkerStarter() = default;
  // A worker that has this socket, and no other descriptor of this process.
  virtual Result<std::unique_ptr<WorkerProcess>> start(UniqueFd socket) = 0;
  // Whether nobody can start any more until the service is started anew; known once it was tried.
  virtual bool is_gone() const noexcept { return false; }
};

}  // namespace strongroom::token_worker
