// What principals hold of the service at a time, and how much they may.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "service/loop/mailbox.h"
#include "service/principals/principal.h"

namespace strongroom {

// Microseconds of one core: the unit of fairness.
using Cost = std::chrono::microseconds;

// An amount of everything that is limited.
struct Holding {
  std::size_t connections = 0;
  std::size_t frames = 0;  // requests that have arrived and are not yet answered
  std::size_t bytes = 0;   // of requests, as they arrive, and of answers not yet sent
  std::size_t unsent = 0;  // of bytes, those of answers that the client does not take
  Cost queued{0};          // of work that waits in lanes

  Holding& operator+=(const Holding& other) noexcept;
  Holding& operator-=(const Holding& other) noexcept;
};

class Account;
class Accounts;

// Something held, given back on release. Any thread; one at a time.
class Charge {
 public:
  Charge() noexcept = default;
  Charge(Charge&& other) noexcept = default;
  Charge& operator=(Charge&& other) noexcept;
  ~Charge() { release(); }

  bool is_empty() const noexcept { return account_ == nullptr; }
  void release() noexcept;

 private:
  friend class Account;
  Charge(std::shared_ptr<Account> account, const Holding& held) noexcept
      : account_(std::move(account)), held_(held) {}

  std::shared_ptr<Account> account_;  // empty: nothing is held
  Holding held_;
};

// One principal's. Any thread. Lives as long as somebody refers to it, and keeps its Accounts.
class Account : public std::enable_shared_from_this<Account> {
 public:
  Account(std::shared_ptr<Accounts> accounts, Principal principal) noexcept
      : accounts_(std::move(accounts)), principal_(std::move(principal)) {}
  ~Account();
  Account(const Account&) = delete;
  Account& operator=(const Account&) = delete;

  const Principal& principal() const noexcept { return principal_; }

  // The right to one more connection; nullopt, and counted as refused, at a limit.
  std::optional<Charge> admit_connection();
  // Whatever the limits say.
  Charge charge(const Holding& held);

  // Whether another request may be read: frames, bytes and queued cost are below their limits, this
  // principal's and the total.
  bool has_room() const;
  // Whether nobody else holds anything of this side of the service.
  bool is_alone() const;
  // Whether less than twice the limit of bytes is answers that nobody takes. What has been read is
  // not begun otherwise: a small request may have a large answer.
  bool takes_its_answers() const;
  // Posts `task` once has_room() holds again, which may be now. Dropped unrun with the mailbox.
  void when_room(std::shared_ptr<Mailbox> mailbox, Mailbox::Task task);

 private:
  friend class Accounts;
  friend class Charge;

  const std::shared_ptr<Accounts> accounts_;
  const Principal principal_;
  Holding held_;  // guarded by accounts_->mutex_
};

// All accounts of one side of the service: applications and administrators have each their own, so
// that neither can take what the other needs. Any thread.
class Accounts : public std::enable_shared_from_this<Accounts> {
 public:
  struct Limits {
    Holding per_principal{.connections = 256,
                          .frames = 1024,
                          .bytes = std::size_t{8} * 1024 * 1024,
                          .queued = std::chrono::seconds(16)};
    Holding in_total{.connections = 4096,
                     .frames = std::size_t{16} * 1024,
                     .bytes = std::size_t{64} * 1024 * 1024,
                     .queued = std::chrono::seconds(256)};
  };
  static std::shared_ptr<Accounts> create(const Limits& limits) {
    return std::shared_ptr<Accounts>(new Accounts(limits));
  }

  // The one account of `principal`.
  std::shared_ptr<Account> account_of(const Principal& principal);

  // What is held already stays held.
  void limit(const Limits& limits);

  Holding held() const;
  std::size_t principals() const;
  std::size_t refused_connections() const;

 private:
  friend class Account;
  friend class Charge;

  struct Waiter {
    std::shared_ptr<const Account> account;  // so that none ends under the mutex
    std::shared_ptr<Mailbox> mailbox;
    Mailbox::Task task;
  };

  explicit Accounts(const Limits& limits) noexcept : limits_(limits) {}
  // Both with the mutex held.
  bool has_room(const Account& account) const noexcept;
  std::list<Waiter> take_those_with_room() noexcept;

  void take(Account& account, const Holding& held);
  void give_back(Account& account, const Holding& held);
  static void wake(std::list<Waiter> waiters);

  mutable std::mutex mutex_;  // guards all that follows, and what each account holds
  Limits limits_;
  Holding held_;
  std::size_t refused_connections_ = 0;
  std::unordered_map<Principal, std::weak_ptr<Account>, Principal::Hash> accounts_;
  std::list<Waiter> waiters_;  // waking takes no memory: it happens where a charge is released
};

}  // namespace strongroom
