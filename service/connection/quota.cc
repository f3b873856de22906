#include "service/connection/quota.h"

namespace strongroom {

Seat::~Seat() {
  if (quota_ != nullptr) quota_->give_back(principal_);
}

std::optional<Seat> ConnectionQuota::admit(uid_t principal) {
  std::lock_guard lock(mutex_);
  auto mine = taken_by_.find(principal);
  const std::size_t taken_by_principal = mine == taken_by_.end() ? 0 : mine->second;
  if (taken_ >= limits_.in_total || taken_by_principal >= limits_.per_principal) {
    ++refused_;
    return std::nullopt;
  }
  ++taken_;
  ++taken_by_[principal];
  return Seat(*this, principal);
}

void ConnectionQuota::give_back(uid_t principal) {
  std::lock_guard lock(mutex_);
  --taken_;
  auto mine = taken_by_.find(principal);
  if (--mine->second == 0) taken_by_.erase(mine);
}

std::size_t ConnectionQuota::taken() const {
  std::lock_guard lock(mutex_);
  return taken_;
}

}  // namespace strongroom
