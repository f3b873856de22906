// What keeps a TPM in use: looks at it when something has failed, keeps requests from it while it
// does not serve, and remembers what must outlive the process.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "providers/circuit_breaker.h"
#include "providers/maintenance.h"
#include "providers/provider_notes.h"
#include "providers/tpm/executor.h"

namespace strongroom::tpm {

// For any thread; looks run on the executor's, which never waits for the store's writer here, as
// that may wait for the TPM. Until begin() nothing is admitted.
class Upkeep final : public Maintenance, public std::enable_shared_from_this<Upkeep> {
 public:
  // Without upkeep everything is admitted, and nothing remembered; begin() is not called.
  enum class Kind { Upkeep, None };
  // `name` is the provider's, for messages.
  Upkeep(std::string name, const std::shared_ptr<Executor>& executor, Kind kind = Kind::Upkeep);

  // Once. Nothing goes to the TPM until its root is the one noted, or noted as the first: durably,
  // before there is a key. Where there are keys, a note that is missing is an operator's matter.
  void begin(std::shared_ptr<ProviderNotes> notes);
  // Waits until somebody has looked, whatever they found; at most so long.
  void await_first_look(std::chrono::milliseconds limit);

  // The service stops: nobody waits for the TPM any longer, nothing is sent to it for requests, and
  // what was to be done for operators and by itself is dropped.
  void close();

  // PsaErrorHardwareFailure while the TPM does not serve, and before begin().
  Result<> admit();
  // Of a request that was admitted.
  void note_failure(const Error& error);

  // What was known of another TPM, whose root an operator has replaced, is out of date.
  unsigned roots_accepted() const noexcept { return roots_accepted_; }

  ProviderHealth health() const override;
  void unlock(Done done) override;
  void accept_root(Done done) override;

 private:
  using Clock = CircuitBreaker::Clock;
  using Job = std::move_only_function<void(Upkeep&, Tpm&)>;
  using Pinned = std::move_only_function<void(Upkeep&, Tpm&, Result<>)>;

  // With the mutex held.
  void schedule_look();
  Result<> check_in_use() const;
  void tell(ProviderState before);

  void post(Job job, Clock::time_point when = Clock::time_point::min());
  bool begin_look(Clock::time_point due);

  // On the executor's thread.
  void look(Tpm& tpm);
  void conclude(Result<> found);
  Result<> recall(Tpm& tpm);
  void note_refusal(Tpm& tpm);
  void pin_first(const Bytes& root);
  void pin(const Bytes& root, Pinned pinned);
  void accept(Tpm& tpm, Done done);

  const std::string name_;
  // Jobs hold this object while they run, and must not keep the executor from its end.
  const std::weak_ptr<Executor> executor_;
  const Kind kind_;
  std::shared_ptr<ProviderNotes> notes_;  // set once, before anything is posted
  std::atomic<unsigned> roots_accepted_ = 0;
  // The executor's.
  bool is_recalled_ = false;
  bool is_pinned_ = false;
  std::optional<RefusedPassword> noted_refusal_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable concluded_;
  bool has_begun_ = false;
  bool is_closed_ = false;
  bool was_looked_at_ = false;
  CircuitBreaker breaker_;
  std::string reason_ = "its storage root has not been recalled yet";
  std::string told_;
  std::chrono::sys_seconds since_;
  Clock::time_point look_posted_for_ = CircuitBreaker::kNever;
};

}  // namespace strongroom::tpm
