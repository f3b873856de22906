// The thread that owns the TPM.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <thread>
#include <vector>

#include "providers/tpm/tpm.h"

namespace strongroom::tpm {

// Runs one job after the other on its thread, which nobody else shares the TPM with. Callers, of
// any thread, wait for their job, but not for ever: some interfaces to a TPM wait without a limit,
// and then this thread does. What it may still run belongs to the jobs, never to those who wait.
class Executor {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Executor(std::unique_ptr<Tpm> tpm);
  // Ends the thread; one that a TPM holds up is left to itself.
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // Of a caller: abandoned with those who wait when it was drawn.
  using Ticket = std::uint64_t;
  Ticket ticket() const;

  // Runs `job` on the TPM, an Outcome<T>(Tpm&) that owns all it uses, by Tpm::run().
  // PsaErrorCommunicationFailure when it is not done within `limit`; not begun by then, it is not
  // begun at all. ConnectionError after abandon_callers().
  template <typename T, typename Job>
  Result<T> run(std::chrono::milliseconds limit, Job job) {
    return run<T>(limit, std::move(job), ticket());
  }
  template <typename T, typename Job>
  Result<T> run(std::chrono::milliseconds limit, Job job, Ticket ticket) {
    return run<T>(Terms{.limit = limit}, std::move(job), ticket);
  }
  // The same, ahead of all that are not urgent: for what the whole service waits for.
  template <typename T, typename Job>
  Result<T> run_urgently(std::chrono::milliseconds limit, Job job) {
    return run<T>(Terms{.limit = limit, .is_urgent = true}, std::move(job), ticket());
  }
  // The same, and done some time even when its caller has given up.
  template <typename T, typename Job>
  Result<T> run_urgently_even_late(std::chrono::milliseconds limit, Job job) {
    return run<T>(Terms{.limit = limit, .is_urgent = true, .runs_late = true}, std::move(job),
                  ticket());
  }

  using Job = std::move_only_function<void(Tpm&)>;
  // Runs `job` some time; not before `when`, and behind what is there to be done by then.
  void post(Job job, Clock::time_point when = Clock::time_point::min());

  // Whether the TPM holds up a job for half the time that whoever waits for it grants, or for half
  // a minute.
  bool is_overdue() const;

  // Those who wait now, or have a ticket, wait no longer. Others may come.
  void abandon_callers();
  // Destroys what was posted and has not begun, with all that it holds, and what will be posted.
  void end_posting();

 private:
  struct Terms {
    std::chrono::milliseconds limit;
    bool is_urgent = false;
    bool runs_late = false;
  };
  template <typename T, typename Job>
  Result<T> run(const Terms& terms, Job job, Ticket ticket) {
    auto call = std::make_shared<Call<T>>();
    submit({[this_call = call, shared = shared_.get(), job = std::move(job)](Tpm& tpm) mutable {
              if (!shared->is_wanted(*this_call)) return;
              auto result = outcome_of<T>(tpm, job);
              const std::lock_guard lock(shared->mutex);
              this_call->result.emplace(std::move(result));
              shared->answered.notify_all();
            },
            terms.limit},
           terms.is_urgent);
    std::unique_lock lock(shared_->mutex);
    const auto has_ended = [&] { return call->result || shared_->abandoned != ticket; };
    const bool is_in_time = shared_->answered.wait_for(lock, terms.limit, has_ended);
    if (call->result) return std::move(*call->result);
    call->is_wanted = terms.runs_late;
    return is_in_time ? abandoned() : late(terms.limit);
  }

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

  // What a caller shares with its job, guarded by the mutex below.
  template <typename T>
  struct Call {
    std::optional<Result<T>> result;
    bool is_wanted = true;
  };
  struct Queued {
    Job job;
    std::chrono::milliseconds limit{0};  // of whoever waits for it; 0: nobody does
  };
  struct Shared {
    template <typename T>
    bool is_wanted(const Call<T>& call) {
      const std::lock_guard lock(mutex);
      return call.is_wanted;
    }
    // With the mutex held.
    void take_what_is_due();
    void wait_for_work(std::unique_lock<std::mutex>& lock);
    Queued take_next();

    std::unique_ptr<Tpm> tpm;
    std::mutex mutex;
    std::condition_variable changed;
    std::condition_variable answered;
    std::deque<Queued> urgent;
    std::deque<Queued> jobs;
    std::multimap<Clock::time_point, Job> later;
    std::optional<Clock::time_point> overdue_from;  // of the job that runs
    Ticket abandoned = 0;                           // how often callers were
    bool takes_posted = true;
    bool is_stopping = false;
    bool has_ended = false;
  };
  void stop();
  void submit(Queued queued, bool is_urgent = false);
  static void work(const std::shared_ptr<Shared>& shared);
  static std::unexpected<Error> late(std::chrono::milliseconds limit);
  static std::unexpected<Error> abandoned();

  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

}  // namespace strongroom::tpm
