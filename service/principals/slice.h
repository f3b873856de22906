// How principals share one turn of a loop.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "service/principals/accounts.h"

namespace strongroom {

// Belongs to the loop's thread. What no longer fits is not refused: it goes to a lane, or, where
// there is nobody else whom it could delay, is read in a later turn and saved the way to a lane and
// back.
class Slice {
 public:
  static constexpr Cost kPerTurn{200};

  // Takes `cost` out of what `account` has left in this turn, if it fits or nobody else is there.
  bool take(const Account& account, Cost cost) {
    Cost& used = used_by(account);
    if (used + cost > kPerTurn && !account.is_alone()) return false;
    used += cost;
    return true;
  }
  // Whether a further request of `account` is to be read in a later turn.
  bool is_used_up(const Account& account) {
    return used_by(account) >= kPerTurn && account.is_alone();
  }
  // A new turn begins.
  void renew() noexcept { used_.clear(); }

 private:
  using Used = std::pair<const Account*, Cost>;

  Cost& used_by(const Account& account) {
    const auto found = std::ranges::find(used_, &account, &Used::first);
    return found == used_.end() ? used_.emplace_back(&account, Cost{0}).second : found->second;
  }

  std::vector<Used> used_;  // few: at most as many as events of a turn
};

}  // namespace strongroom
