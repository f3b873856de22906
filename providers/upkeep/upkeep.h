// What keeps a device in use: looks at it when something has failed, keeps requests from it while
// it does not serve, and remembers what must outlive the process.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "providers/maintenance.h"
#include "providers/provider_notes.h"
#include "providers/upkeep/circuit_breaker.h"
#include "providers/upkeep/upkept_device.h"

namespace strongroom {

// For any thread; looks run on the device's. A TPM's never waits for the store's writer, which may
// wait for the TPM; a token's may, as the store waits for no token. Until begin() nothing is
// admitted.
class Upkeep : public Maintenance, public std::enable_shared_from_this<Upkeep> {
 public:
  // Without upkeep everything is admitted, and nothing remembered; begin() is not called.
  enum class Kind { Upkeep, None };
  // `name` is the provider's, for messages.
  Upkeep(std::string name, const DeviceWords& words, std::shared_ptr<DeviceThread> thread,
         Kind kind = Kind::Upkeep);

  // Once. Nothing goes to the device for requests until its identity is the one noted, or noted as
  // the first: durably, before there is a key. Where there are keys, a note that is missing is an
  // operator's matter.
  void begin(std::shared_ptr<ProviderNotes> notes);
  // Waits until somebody has looked, whatever they found; at most so long.
  void await_first_look(std::chrono::milliseconds limit);

  // The service stops: nobody waits for the device any longer, nothing is sent to it for requests,
  // and what was to be done for operators and by itself is dropped.
  void close();

  // PsaErrorHardwareFailure while the device does not serve, and before begin().
  Result<> admit();
  // Of a request that was admitted.
  void note_failure(const Error& error);
  // What the device has just refused, durably before this returns, but not for ever: not on a
  // thread that the store's writer waits for.
  void note_refused(const RefusedSecret& refused);
  // That it is about to be told a secret, in the same way; and that this is known to be over.
  void note_attempt(SecretBuffer attempt);
  void forget_attempt();

  // How often an operator has put another device in the place of the one noted: what was known of
  // that is out of date then.
  unsigned times_replaced() const noexcept { return times_replaced_; }

  // Under which name it notes the device's identity.
  std::string_view identity_note() const noexcept { return words_.identity_note; }

  ProviderHealth health() const override;
  void unlock(Done done) override;
  void accept_root(Done done) override;

 private:
  using Clock = CircuitBreaker::Clock;
  using Job = std::move_only_function<void(Upkeep&, UpkeptDevice&)>;
  using Pinned = std::move_only_function<void(Upkeep&, UpkeptDevice&, Result<>)>;

  // With the mutex held.
  void schedule_look();
  Result<> check_in_use() const;
  void tell(ProviderState before);

  void post(Job job, Clock::time_point when = Clock::time_point::min());
  bool begin_look(Clock::time_point due);

  // On the device's thread.
  void look(UpkeptDevice& device);
  void look_again(UpkeptDevice& device);
  void conclude(Result<> found, std::string remark = {});
  Result<> recall(UpkeptDevice& device);
  Result<> recall_attempt(UpkeptDevice& device);
  void note_refusal(UpkeptDevice& device);
  void pin_first(UpkeptDevice& device);
  void pin(const Bytes& identity, Pinned pinned);
  void accept(UpkeptDevice& device, Done done);

  void tell_of_refusal(const Error& error) const;

  const std::string name_;
  const DeviceWords words_;
  const std::shared_ptr<DeviceThread> thread_;
  const Kind kind_;
  std::shared_ptr<ProviderNotes> notes_;  // set once, before anything is posted
  std::atomic<unsigned> times_replaced_ = 0;
  // The device's thread's.
  bool is_recalled_ = false;
  bool is_pinned_ = false;
  std::optional<RefusedSecret> noted_refusal_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable concluded_;
  bool has_begun_ = false;
  bool is_closed_ = false;
  bool was_looked_at_ = false;
  CircuitBreaker breaker_;
  std::string reason_;
  std::string told_;
  std::chrono::sys_seconds since_;
  Clock::time_point look_posted_for_ = CircuitBreaker::kNever;
};

}  // namespace strongroom
