// Notices an old copy of the whole store by a counter that cannot be copied with it.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "service/store/disk/sqlite_database.h"
#include "service/store/keying/epoch_counter.h"
#include "service/store/sealed/head.h"

namespace strongroom {

// The store's head holds an epoch E, the counter stands at C. A new epoch is E + 1 in a committed
// transaction, and then the counter's step to it, so that between any two instructions E is C or
// C + 1, which is what a start accepts. A copy from before the step has less. Epochs begin at a
// start, at a clean stop, and with what is removed, at most every kInterval: a removal is answered
// after the step or, when there was one less than kInterval ago, the step follows by itself then.
// Copies of the same epoch are not told from each other.
//
// In meta, 'rollback_counter' is EpochCounter::plan(), sealed as SealedKind::Counter: salt (32) ‖
// sealed.
//
// Where the counter does not answer, removals go on; they are noticed at the next start only as far
// as the counter has come. Belongs to the writer's thread once the store is open.
class RollbackGuard {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kInterval{60};
  // After a failure.
  static constexpr std::chrono::seconds kRetry{30};

  // At a start: compares, and begins an epoch. KeyInfoManagerError in words when the store is older
  // than the counter says, the counter is another, or does not answer. A store that never held a
  // key gets its counter here; any other needs accept().
  static Result<RollbackGuard> begin(std::shared_ptr<EpochCounter> counter, Database& database,
                                     const Sealer& sealer);
  // Takes the store as it is for the newest: with the counter that it has, or a new one where that
  // is gone.
  static Result<> accept(EpochCounter& counter, Database& database, const Sealer& sealer);

  // Gives the store's counter back, if it has one: the store is going.
  static Result<> retire(EpochCounter& counter, Database& database, const Sealer& sealer);

  // After a rotation of the store key, within its transaction.
  static Result<> reseal(Database& database, const Sealer& from, const Sealer& to);
  // Whether the store has a counter.
  static Result<bool> has_counter(Database& database);

  // Whether to write the next epoch with this transaction, which removes keys; notes it if not.
  bool begins_epoch_with_removal(Clock::time_point now);
  // Whether it is time for one, for what was removed before.
  bool is_epoch_due(Clock::time_point now) const;
  // `epoch` is committed; the counter is to follow. What is wrong, once each time that changes.
  Result<> follow(std::uint64_t epoch, Clock::time_point now,
                  EpochCounter::Waiting waiting = EpochCounter::Waiting::Changes);
  // The store could not be written.
  void postpone(Clock::time_point now) { retry_at_ = now + kRetry; }
  // When to look again.
  std::optional<Clock::time_point> next_look() const;
  // The store was read anew, maybe another epoch than was thought.
  void forget_outcome() noexcept { is_behind_ = true; }
  bool is_behind() const noexcept { return is_behind_; }

 private:
  RollbackGuard(std::shared_ptr<EpochCounter> counter, SecretBuffer plan) noexcept
      : counter_(std::move(counter)), plan_(std::move(plan)) {}

  std::shared_ptr<EpochCounter> counter_;
  SecretBuffer plan_;
  std::optional<Clock::time_point> stepped_at_;  // with what was removed or by itself, not at start
  bool has_removed_ = false;                     // since the last epoch began
  bool is_behind_ = false;                       // the counter may not stand at the store's epoch
  std::optional<Clock::time_point> retry_at_;
};

}  // namespace strongroom
