// One worker, as the service has it.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "providers/token_worker/daemon/login_gate.h"
#include "providers/token_worker/daemon/proven_keys.h"
#include "providers/token_worker/protocol/link.h"
#include "providers/token_worker/protocol/start.h"
#include "providers/token_worker/worker_process.h"

namespace strongroom::token_worker {

// A way to a worker, on which one request is served at a time. Belongs to one thread at a time.
struct WorkerChannel {
  Link link;
  WipedBytes message{};  // the request, and then its answer
  bool is_login_refused = false;
  WorkerChannel(UniqueFd socket, std::size_t limit) noexcept : link(std::move(socket), limit) {}
};

// Sends the message and waits for the answer to it. PsaErrorInsufficientMemory for a message that
// is too long, which was not sent; with any other failure the worker is of no use any more. What it
// answers may be a failure, too: the kind says so. PINs it asks for meanwhile it gets from the
// gate.
Result<Link::Received> exchange(WorkerChannel& channel, LoginGate& gate,
                                Link::Clock::time_point deadline);

// A process with the token in use. Ends with this object. For any thread, but for its channel.
class Worker {
 public:
  // The process alone.
  static Result<std::shared_ptr<Worker>> start(WorkerStarter& starter);
  // Once: waits until the token is in use there. Fails as the worker says it does, in its words,
  // which are those of one that has begun; or with PsaErrorCommunicationFailure; then it is ended.
  Result<> begin(const Start& start, LoginGate& gate, Link::Clock::time_point deadline);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  const Started& started() const noexcept { return started_; }
  // What the token had before, this process knows.
  Link::Clock::time_point began() const noexcept { return began_; }
  // Whoever the worker serves has it.
  WorkerChannel& channel() noexcept { return *channel_; }
  std::atomic<bool> has_served = false;
  ProvenKeys proven;
  // At once. "token worker 4711 was ended: killed by signal 9"; the same to all who ask.
  std::string kill();
  // Bytes, at the last look, which is not long ago; 0 where the kernel does not tell.
  std::size_t resident() noexcept;

 private:
  Worker(std::unique_ptr<WorkerProcess> process, UniqueFd socket);
  Result<> ask_to_start(const Start& start, LoginGate& gate, Link::Clock::time_point deadline);

  std::unique_ptr<WorkerProcess> process_;
  UniqueFd statm_;
  std::optional<WorkerChannel> channel_;  // always, but at the end
  Started started_;
  const Link::Clock::time_point began_ = Link::Clock::now();
  std::mutex mutex_;  // guards what follows
  std::optional<std::string> end_;
  Link::Clock::time_point looked_at_{};
  std::size_t resident_ = 0;
};

}  // namespace strongroom::token_worker
