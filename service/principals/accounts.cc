#include "service/principals/accounts.h"

#include <iterator>
#include <utility>

namespace strongroom {
namespace {

bool is_below(const Holding& held, const Holding& limit) noexcept {
  return held.frames < limit.frames && held.bytes < limit.bytes && held.queued < limit.queued;
}

}  // namespace

std::string Principal::to_string() const {
  return tenant_.empty() ? "uid:" + std::to_string(uid_) : "tenant:" + tenant_;
}

Holding& Holding::operator+=(const Holding& other) noexcept {
  connections += other.connections;
  frames += other.frames;
  bytes += other.bytes;
  unsent += other.unsent;
  queued += other.queued;
  return *this;
}

Holding& Holding::operator-=(const Holding& other) noexcept {
  connections -= other.connections;
  frames -= other.frames;
  bytes -= other.bytes;
  unsent -= other.unsent;
  queued -= other.queued;
  return *this;
}

Charge& Charge::operator=(Charge&& other) noexcept {
  release();
  account_ = std::move(other.account_);
  held_ = other.held_;
  return *this;
}

void Charge::release() noexcept {
  if (const auto account = std::exchange(account_, nullptr))
    account->accounts_->give_back(*account, held_);
}

Account::~Account() {
  const std::lock_guard lock(accounts_->mutex_);
  const auto mine = accounts_->accounts_.find(principal_);
  // Another may have come in its place since nobody referred to this one.
  if (mine != accounts_->accounts_.end() && mine->second.expired())
    accounts_->accounts_.erase(mine);
}

std::optional<Charge> Account::admit_connection() {
  const std::lock_guard lock(accounts_->mutex_);
  const Accounts::Limits& limits = accounts_->limits_;
  if (accounts_->held_.connections >= limits.in_total.connections ||
      held_.connections >= limits.per_principal.connections) {
    ++accounts_->refused_connections_;
    return std::nullopt;
  }
  const Holding one{.connections = 1};
  held_ += one;
  accounts_->held_ += one;
  return Charge(shared_from_this(), one);
}

Charge Account::charge(const Holding& held) {
  accounts_->take(*this, held);
  return {shared_from_this(), held};
}

bool Account::has_room() const {
  const std::lock_guard lock(accounts_->mutex_);
  return accounts_->has_room(*this);
}

bool Account::is_alone() const {
  const std::lock_guard lock(accounts_->mutex_);
  return accounts_->accounts_.size() <= 1;
}

bool Account::takes_its_answers() const {
  const std::lock_guard lock(accounts_->mutex_);
  return held_.unsent / 2 < accounts_->limits_.per_principal.bytes;
}

void Account::when_room(std::shared_ptr<Mailbox> mailbox, Mailbox::Task task) {
  {
    const std::lock_guard lock(accounts_->mutex_);
    if (!accounts_->has_room(*this)) {
      accounts_->waiters_.push_back({shared_from_this(), std::move(mailbox), std::move(task)});
      return;
    }
  }
  mailbox->post(std::move(task));
}

std::shared_ptr<Account> Accounts::account_of(const Principal& principal) {
  const std::lock_guard lock(mutex_);
  std::weak_ptr<Account>& known = accounts_[principal];
  if (auto account = known.lock()) return account;
  auto account = std::make_shared<Account>(shared_from_this(), principal);
  known = account;
  return account;
}

void Accounts::limit(const Limits& limits) {
  std::list<Waiter> woken;
  {
    const std::lock_guard lock(mutex_);
    limits_ = limits;
    woken = take_those_with_room();
  }
  wake(std::move(woken));
}

Holding Accounts::held() const {
  const std::lock_guard lock(mutex_);
  return held_;
}

std::size_t Accounts::principals() const {
  const std::lock_guard lock(mutex_);
  return accounts_.size();
}

std::size_t Accounts::refused_connections() const {
  const std::lock_guard lock(mutex_);
  return refused_connections_;
}

bool Accounts::has_room(const Account& account) const noexcept {
  return is_below(account.held_, limits_.per_principal) && is_below(held_, limits_.in_total);
}

std::list<Accounts::Waiter> Accounts::take_those_with_room() noexcept {
  std::list<Waiter> woken;
  for (auto waiter = waiters_.begin(); waiter != waiters_.end();) {
    const auto next = std::next(waiter);
    if (has_room(*waiter->account)) woken.splice(woken.end(), waiters_, waiter);
    waiter = next;
  }
  return woken;
}

void Accounts::take(Account& account, const Holding& held) {
  const std::lock_guard lock(mutex_);
  account.held_ += held;
  held_ += held;
}

void Accounts::give_back(Account& account, const Holding& held) {
  std::list<Waiter> woken;
  {
    const std::lock_guard lock(mutex_);
    account.held_ -= held;
    held_ -= held;
    if (!waiters_.empty()) woken = take_those_with_room();
  }
  wake(std::move(woken));
}

void Accounts::wake(std::list<Waiter> waiters) {
  for (Waiter& waiter : waiters)
    waiter.mailbox->post(std::move(waiter.task));
}

}  // namespace strongroom
