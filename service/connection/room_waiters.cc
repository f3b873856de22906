#include "service/connection/room_waiters.h"

#include <algorithm>

namespace strongroom {

void RoomWaiters::add(const std::shared_ptr<Account>& account, RoomWaiter& waiter) {
  const auto [waiting, is_first] = waiters_.try_emplace(account.get());
  waiting->second.push_back(&waiter);
  if (is_first) ask(account);
}

void RoomWaiters::remove(const Account& account, RoomWaiter& waiter) {
  const auto waiting = waiters_.find(&account);
  if (waiting != waiters_.end()) std::erase(waiting->second, &waiter);
}

void RoomWaiters::ask(const std::shared_ptr<Account>& account) {
  account->when_room(mailbox_, [alive = alive_, account] {
    if (RoomWaiters* self = *alive) self->wake(account);
  });
}

void RoomWaiters::wake(const std::shared_ptr<Account>& account) {
  std::vector<RoomWaiter*>& waiting = waiters_[account.get()];
  const auto end =
      waiting.begin() + static_cast<std::ptrdiff_t>(std::min(kWokenTogether, waiting.size()));
  const std::vector<RoomWaiter*> woken(waiting.begin(), end);
  waiting.erase(waiting.begin(), end);
  if (waiting.empty())
    waiters_.erase(account.get());
  else
    ask(account);
  for (RoomWaiter* waiter : woken)
    waiter->on_room();
}

}  // namespace strongroom
