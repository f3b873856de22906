// The thread that owns the TPM.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <new>
#include <thread>

#include "providers/tpm/tpm.h"

namespace strongroom::tpm {

// Runs one job after the other on its thread, which nobody else shares the TPM with. Callers, of
// any thread, wait for their job, but not for ever: some interfaces to a TPM wait without a limit,
// and then this thread does. What it may still run belongs to the jobs, never to those who wait.
class Executor {
 public:
  explicit Executor(std::unique_ptr<Tpm> tpm);
  // Ends the thread; one that a TPM holds up is left to itself.
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // Runs `job` on the TPM, an Outcome<T>(Tpm&) that owns all it uses, by Tpm::run().
  // PsaErrorCommunicationFailure when it is not done within `limit`; not begun by then, it is not
  // begun at all.
  template <typename T, typename Job>
  Result<T> run(std::chrono::milliseconds limit, Job job) {
    auto is_wanted = std::make_shared<std::atomic<bool>>(true);
    std::promise<Result<T>> promise;
    std::future<Result<T>> result = promise.get_future();
    post([job = std::move(job), promise = std::move(promise), is_wanted](Tpm& tpm) mutable {
      if (!*is_wanted) return;
      promise.set_value(outcome_of<T>(tpm, job));
    });
    if (result.wait_for(limit) == std::future_status::ready) return result.get();
    *is_wanted = false;
    return late(limit);
  }

  // Runs `job` some time.
  void post(std::move_only_function<void(Tpm&)> job);

 private:
  // Of the exceptions, memory that ran out alone gets here; it is the caller's to tell.
  template <typename T, typename Job>
  static Result<T> outcome_of(Tpm& tpm, Job& job) {
    try {
      auto outcome = tpm.run([&] { return job(tpm); });
      if (!outcome) return std::unexpected(Error(std::move(outcome).error()));
      return Result<T>(*std::move(outcome));
    } catch (const std::bad_alloc&) {
      return fail(Status::PsaErrorInsufficientMemory, "memory ran out at the TPM");
    }
  }

  struct Shared {
    std::unique_ptr<Tpm> tpm;
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::move_only_function<void(Tpm&)>> jobs;
    bool is_stopping = false;
    bool has_ended = false;
  };
  static void work(const std::shared_ptr<Shared>& shared);
  static std::unexpected<Error> late(std::chrono::milliseconds limit);

  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

}  // namespace strongroom::tpm
