// How principals share one turn of a loop.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "service/principals/accounts.h"

namespace strongroom {

// Belongs to the loop's thread. What no longer fits is not refused: it goes to a lane.
class Slice {
 public:
  static constexpr Cost kPerTurn{200};

  // Takes `cost` out of what `account` has left in this turn, if it fits.
  bool take(const Account& account, Cost cost) {
    const auto found = std::ranges::find(used_, &account, &Used::first);
    Cost& used =
        found == used_.end() ? used_.emplace_back(&account, Cost{0}).second : found->second;
    if (used + cost > kPerTurn) return false;
    used += cost;
    return true;
  }
  // A new turn begins.
  void renew() noexcept { used_.clear(); }

 private:
  using Used = std::pair<const Account*, Cost>;
  std::vector<Used> used_;  // few: at most as many as events of a turn
};

}  // namespace strongroom
