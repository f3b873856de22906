// What is wrong with the store, gathered from its threads for health().
#pragma once

#include <mutex>
#include <string>

namespace strongroom {

enum class HeadState {
  Unverified,  // not looked at yet
  Matches,
  MatchesAccepted,  // so do the records that do not verify, which an operator accepted
  Differs,
};

// Any thread. Each setter logs the change it makes.
class Condition {
 public:
  struct Snapshot {
    HeadState head;
    std::string head_reason;
    std::string write_failure;  // empty when the last write was good
    bool is_stuck;
    bool has_new_unreadable;
    std::string counter_failure;  // empty while the rollback counter follows
  };

  void set_head(HeadState state, std::string reason);
  void set_write_failure(std::string reason);
  void clear_write_failure();
  void set_counter_failure(std::string reason);
  void set_stuck(bool is_stuck);
  bool is_stuck() const;
  // A record did not verify that the last look at the head had not found.
  void note_unreadable();
  Snapshot snapshot() const;

 private:
  mutable std::mutex mutex_;
  Snapshot now_{HeadState::Unverified, {}, {}, false, false, {}};
};

}  // namespace strongroom
