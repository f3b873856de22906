// The workers of a token, and which of them serves whom.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "providers/token_worker/daemon/login_gate.h"
#include "providers/token_worker/daemon/worker.h"
#include "providers/token_worker/protocol/operations.h"
#include "providers/token_worker/worker_settings.h"

namespace strongroom::token_worker {

// For any thread: each call waits on its own for a worker that is free, and then for its answer. A
// worker is started when all that there are have work, and there may be more; one after the other,
// on a thread of the pool's, so that nobody waits for that longer than for any worker. After
// failures to do that, or workers lost without having served, there is a pause before the next.
//
// A token of files may not show one process what another has just made, however often it looks: a
// worker that does not know a key is believed when it began after the key was made. Another that
// does not know it is replaced; not for keys that were destroyed through this pool, which clients
// may go on asking for.
class WorkerPool : public std::enable_shared_from_this<WorkerPool> {
 public:
  using Clock = Link::Clock;

  WorkerPool(std::string name, WorkerSettings settings, std::shared_ptr<WorkerStarter> starter);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Fails as the worker's provider does. PsaErrorCommunicationFailure when the worker is lost, or
  // none is to be had; pkcs11::all_are_busy() when there are some, and none became free in time.
  template <Operation operation, typename... Values>
  Result<typename SignatureOf<operation>::AnswerType> call(const Values&... values) {
    return call_checked<operation>([](const auto&...) { return Result<>(); }, values...);
  }
  // The same, for an answer that `check`, which takes it and the worker, finds to be one: else the
  // worker is of no use any more.
  template <Operation operation, typename Check, typename... Values>
  Result<typename SignatureOf<operation>::AnswerType> call_checked(const Check& check,
                                                                   const Values&... values) {
    static_assert(are_arguments<Values...>(
        std::type_identity<typename SignatureOf<operation>::ArgumentTypes>()));
    bool is_long = false;
    if constexpr (operation == Operation::Generate) is_long = (takes_long(values) || ...);
    if constexpr (operation == Operation::Destroy) (note_destroyed(values), ...);
    const auto asked = Clock::now();
    while (true) {
      auto lease = TRY(borrow(is_long, patience_with(operation)));
      auto answer = ask_once<operation>(lease, check, values...);
      if (answer || answer.error().status() != Status::PsaErrorDoesNotExist) return answer;
      if (operation != Operation::Destroy && (was_destroyed(values) || ...)) return answer;
      if (lease.worker().began() >= std::min(asked, std::max({kAnyTime, when_seen(values)...})))
        return answer;
      lease.retire();
    }
  }

  // Those that are there, or about to start, end with what they serve; others take their places, …
  void replace_all();
  // … and without a pause.
  void forget_failures();
  // Nobody waits for a worker any longer, nor will: ConnectionError. Those that serve are ended.
  void close();
  // The same, and for the pool's thread, if that is another: the last that is called. What happens
  // on that thread may have led here.
  void end();
  LoginGate& gate() noexcept { return gate_; }
  std::string missing_confinement() const;

 private:
  // A worker while it serves a request. One that is given up in the middle of it, whatever
  // the reason, is ended with its worker.
  class Lease {
   public:
    Lease(WorkerPool& pool, std::shared_ptr<Worker> worker, bool is_long) noexcept
        : pool_(&pool), worker_(std::move(worker)), is_long_(is_long) {}
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&&) = delete;
    ~Lease();

    WipedBytes& message() noexcept { return worker_->channel().message; }
    Worker& worker() noexcept { return *worker_; }
    // Of the answer, if it is not a failure.
    Result<Reader> ask(std::chrono::milliseconds limit);
    std::unexpected<Error> condemned(std::string_view why);
    // It ends in order, and has done nothing wrong.
    void retire() noexcept;

   private:
    WorkerPool* pool_;
    std::shared_ptr<Worker> worker_;
    bool is_long_;
    bool is_sound_ = true;
  };

  template <typename... Values, typename... Arguments>
  static constexpr bool are_arguments(std::type_identity<std::tuple<Arguments...>>) {
    return (
        (std::is_same_v<Values, Arguments> || std::is_convertible_v<const Values&, Arguments>) &&
        ...);
  }
  template <Operation operation, typename Check, typename... Values>
  Result<typename SignatureOf<operation>::AnswerType> ask_once(Lease& lease, const Check& check,
                                                               const Values&... values) {
    using Answer = typename SignatureOf<operation>::AnswerType;
    Link::begin(lease.message(), static_cast<std::uint16_t>(operation));
    Writer writer(lease.message());
    (put_value(writer, values), ...);
    Reader reader = TRY(lease.ask(limit_of(operation)));
    if constexpr (std::is_void_v<Answer>) {
      if (reader.is_complete()) return {};
    } else {
      Answer answer = take_value(reader, as<Answer>);
      if (!reader.is_complete()) return lease.condemned(kMakesNoSense);
      if (auto sound = check(answer, lease.worker()); !sound)
        return lease.condemned(sound.error().message());
      return answer;
    }
    return lease.condemned(kMakesNoSense);
  }

  // From when on workers that begin are believed about the key.
  Clock::time_point when_seen(const KeyRecord& key) const;
  template <typename Value>
  Clock::time_point when_seen(const Value&) const {
    return kAnyTime;
  }
  void note_destroyed(const KeyRecord& key);
  bool was_destroyed(const KeyRecord& key) const;
  template <typename Value>
  bool was_destroyed(const Value&) const {
    return false;
  }
  std::chrono::milliseconds limit_of(Operation operation) const noexcept;
  static constexpr Clock::time_point kAnyTime{};
  std::chrono::milliseconds patience_with(Operation operation) const noexcept;
  static constexpr std::string_view kMakesNoSense = "its answer makes no sense";

  // What is made of it may take longer than others should have to wait: a token looks for primes.
  static bool takes_long(const psa::KeyAttributes& attributes) noexcept {
    return attributes.type.is_rsa();
  }
  static bool takes_long(const SecretBuffer&) noexcept { return false; }
  Result<Lease> borrow(bool for_long, std::chrono::milliseconds patience);
  // With the mutex held: a worker that is free; none, if it is to be left to short commands.
  bool may_take(bool for_long) const;
  // `is_sound`: it is fit for another request.
  void give_back(const std::shared_ptr<Worker>& worker, bool is_long, bool is_sound);
  // With the mutex held.
  Result<> ask_for_another();
  // What the pool's thread does.
  void look_after_workers();
  // With the mutex held, which it gives up meanwhile.
  void start_another(std::unique_lock<std::mutex>& lock);
  Result<std::shared_ptr<Worker>> started(const Start& start);
  void put_to_work(const std::shared_ptr<Worker>& worker);
  // With the mutex held. What is removed ends when nobody has a share of it.
  void remove(const std::shared_ptr<Worker>& worker, std::vector<std::shared_ptr<Worker>>& removed);
  void remove_too_large(std::vector<std::shared_ptr<Worker>>& removed);
  bool may_start() const;
  Error why_none() const;
  Error why_not_in(std::chrono::milliseconds patience) const;
  void note_failure(Error error);
  // Of a worker that has served nobody.
  void note_loss();

  const std::string name_;
  WorkerSettings settings_;
  LoginGate gate_;
  const std::shared_ptr<WorkerStarter> starter_;
  mutable std::mutex mutex_;  // guards what follows; never held while a worker is waited for
  std::condition_variable changed_;
  std::vector<std::shared_ptr<Worker>> workers_;
  std::vector<std::shared_ptr<Worker>> idle_;  // of them
  unsigned long_ones_ = 0;                     // under way
  bool is_starting_ = false;                   // or about to
  std::shared_ptr<Worker> starting_;           // its process is there, the token not yet in use
  bool is_closed_ = false;
  unsigned times_replaced_ = 0;
  unsigned failures_ = 0;                // in a row
  std::deque<std::uint64_t> destroyed_;  // serials, the last ones
  Clock::time_point pause_ends_{};
  std::optional<Error> failure_;
  std::optional<pkcs11::TokenIdentity> token_;
  std::string missing_confinement_;
  std::thread thread_;  // from the first need of a worker; keeps the pool
};

}  // namespace strongroom::token_worker
