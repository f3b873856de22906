// Connections that may not read until their principal has room again.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "service/loop/mailbox.h"
#include "service/principals/accounts.h"

namespace strongroom {

class RoomWaiter {
 public:
  // There was room a moment ago; others may have taken it.
  virtual void on_room() = 0;

 protected:
  ~RoomWaiter() = default;
};

// Of one loop, to whose thread it belongs. Asks each account once, however many wait for it and
// come and go, and wakes a few at a time in the order in which they came.
class RoomWaiters {
 public:
  static constexpr std::size_t kWokenTogether = 4;

  explicit RoomWaiters(std::shared_ptr<Mailbox> mailbox)
      : mailbox_(std::move(mailbox)), alive_(std::make_shared<RoomWaiters*>(this)) {}
  ~RoomWaiters() { *alive_ = nullptr; }
  RoomWaiters(const RoomWaiters&) = delete;
  RoomWaiters& operator=(const RoomWaiters&) = delete;

  // `waiter` is called once, unless removed before. It waits for one account at a time.
  void add(const std::shared_ptr<Account>& account, RoomWaiter& waiter);
  void remove(const Account& account, RoomWaiter& waiter);

 private:
  void ask(const std::shared_ptr<Account>& account);
  void wake(const std::shared_ptr<Account>& account);

  const std::shared_ptr<Mailbox> mailbox_;
  const std::shared_ptr<RoomWaiters*> alive_;  // null once destroyed: mail may come later
  // An account is here from ask() to the mail that answers it, perhaps without waiters.
  std::unordered_map<const Account*, std::vector<RoomWaiter*>> waiters_;
};

}  // namespace strongroom
