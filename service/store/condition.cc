#include "service/store/condition.h"

#include "base/log.h"

namespace strongroom {

void Condition::set_head(HeadState state, std::string reason) {
  std::lock_guard lock(mutex_);
  if (state == HeadState::Differs && now_.head != HeadState::Differs)
    log::error("store", "degraded: {}; 'strongroomd --fsck' tells more", reason);
  if (state == HeadState::MatchesAccepted) now_.has_new_unreadable = false;
  now_.head = state;
  now_.head_reason = std::move(reason);
}

void Condition::set_write_failure(std::string reason) {
  std::lock_guard lock(mutex_);
  if (now_.write_failure.empty()) log::error("store", "degraded: {}", reason);
  now_.write_failure = std::move(reason);
}

void Condition::clear_write_failure() {
  std::lock_guard lock(mutex_);
  if (!now_.write_failure.empty()) log::warning("store", "writes succeed again");
  now_.write_failure.clear();
}

void Condition::set_counter_failure(std::string reason) {
  std::lock_guard lock(mutex_);
  if (reason != now_.counter_failure && !reason.empty())
    log::error("store", "degraded: {}; until that ends, an old copy of the store may pass for it",
               reason);
  if (reason.empty() && !now_.counter_failure.empty())
    log::warning("store", "the rollback counter follows again");
  now_.counter_failure = std::move(reason);
}

void Condition::set_stuck(bool is_stuck) {
  std::lock_guard lock(mutex_);
  if (is_stuck && !now_.is_stuck) log::error("store", "degraded: a commit does not finish");
  if (!is_stuck && now_.is_stuck) log::warning("store", "the commit has finished");
  now_.is_stuck = is_stuck;
}

bool Condition::is_stuck() const {
  std::lock_guard lock(mutex_);
  return now_.is_stuck;
}

void Condition::note_unreadable() {
  std::lock_guard lock(mutex_);
  now_.has_new_unreadable = true;
}

Condition::Snapshot Condition::snapshot() const {
  std::lock_guard lock(mutex_);
  return now_;
}

}  // namespace strongroom
