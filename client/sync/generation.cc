#include "client/sync/generation.h"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <utility>

#include "base/error.h"
#include "client/channel/socket.h"
#include "client/guarded.h"

namespace strongroom::client {
namespace {

short events_of(Watcher::For what) noexcept {
  return what == Watcher::For::Input ? POLLIN : POLLIN | POLLOUT;
}

// Never past the deadline's nanosecond; null for ever.
const timespec* time_left(Deadline deadline, timespec& memory) noexcept {
  if (!deadline) return nullptr;
  const auto left = std::max(*deadline - Clock::now(), Clock::duration::zero());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
  memory.tv_sec = seconds.count();
  memory.tv_nsec = std::chrono::nanoseconds(left - seconds).count();
  return &memory;
}

}  // namespace

Generation::Generation(const Settings& settings, ProcessIdentity identity) noexcept
    : identity_(identity), multiplexer_(settings, identity.euid, *this, signal_) {}

int Generation::open_signal() noexcept {
  if (signal_.is_open()) return 0;
  if (int code = signal_.open(); code != 0) return code;
  descriptors_.add(signal_.descriptor());
  descriptors_.add(signal_.raising_descriptor());
  watched_.front() = {.fd = signal_.descriptor(), .events = POLLIN, .revents = 0};
  return 0;
}

ClientResult<SecretBytes> Generation::call(Multiplexer::Submission submission) {
  Waiter self;
  std::unique_lock lock(mutex_);
  if (int code = open_signal(); code != 0)
    return std::unexpected(ClientError(ErrorSource::Endpoint, Status::ConnectionError,
                                       "opening a pipe: " + errno_words(code), code));
  waiters_.reserve(waiters_.size() + 1);
  self.id = TRY(multiplexer_.submit(std::move(submission), Clock::now()));
  waiters_.push_back(&self);
  hand_out_results(self);
  wake_leader_if_needed();
  while (!self.result) {
    if (leader_ != nullptr)
      self.condition.wait(lock);
    else
      lead(self, lock);
  }
  // Whoever was to lead next may have had its result meanwhile.
  if (leader_ == nullptr && !waiters_.empty()) waiters_.front()->condition.notify_one();
  return *std::move(self.result);
}

void Generation::lead(const Waiter& self, std::unique_lock<std::mutex>& lock) noexcept {
  leader_ = &self;
  while (!self.result)
    poll_once(self, lock);
  leader_ = nullptr;
}

void Generation::poll_once(const Waiter& self, std::unique_lock<std::mutex>& lock) noexcept {
  const std::size_t count = watched_count_;
  std::copy_n(watched_.begin(), count, polled_.begin());
  changes_polled_ = changes_of_watched_;
  polled_until_ = multiplexer_.next_wake();
  timespec memory{};
  const timespec* timeout = time_left(polled_until_, memory);
  lock.unlock();
  const int code = ::ppoll(polled_.data(), count, timeout, nullptr) < 0 ? errno : 0;
  lock.lock();
  if (code != 0 && code != EINTR) {
    give_up(code);
  } else if (code == 0 && (polled_.front().revents & POLLNVAL) != 0) {
    give_up(EBADF);
  } else {
    if (code == 0 && polled_.front().revents != 0) signal_.drain();
    multiplexer_.process(Clock::now());
  }
  hand_out_results(self);
}

void Generation::give_up(int code) noexcept {
  try {
    multiplexer_.end_all(ClientError(ErrorSource::Connection, Status::ConnectionError,
                                     "waiting for the answer: poll: " + errno_words(code), code));
  } catch (const std::bad_alloc&) {
    multiplexer_.end_all(out_of_memory().error());
  }
  close_signal();
}

void Generation::close_signal() noexcept {
  descriptors_.remove(signal_.descriptor());
  descriptors_.remove(signal_.raising_descriptor());
  signal_.close();
}

void Generation::rest() noexcept {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock || !waiters_.empty()) return;
  multiplexer_.close_all();
  if (signal_.is_open()) close_signal();
}

void Generation::hand_out_results(const Waiter& self) noexcept {
  if (!multiplexer_.has_ended()) return;
  Calls ended = multiplexer_.take_ended();
  for (Call& call : ended) {
    auto waiter = std::ranges::find(waiters_, call.id, &Waiter::id);
    if (waiter == waiters_.end()) continue;
    (*waiter)->result = std::move(call.result);
    if (*waiter != &self) wake(**waiter);
    waiters_.erase(waiter);
  }
}

// A leader sleeps in poll, the others wait for their condition.
void Generation::wake(Waiter& waiter) noexcept {
  if (&waiter == leader_)
    signal_.raise();
  else
    waiter.condition.notify_one();
}

void Generation::wake_leader_if_needed() noexcept {
  if (leader_ == nullptr) return;
  const Deadline wake = multiplexer_.next_wake();
  const bool is_earlier = wake && (!polled_until_ || *wake < *polled_until_);
  if (is_earlier || changes_polled_ != changes_of_watched_) signal_.raise();
}

int Generation::watch(int descriptor, For events) noexcept {
  watched_.at(watched_count_++) = {.fd = descriptor, .events = events_of(events), .revents = 0};
  descriptors_.add(descriptor);
  ++changes_of_watched_;
  return 0;
}

pollfd& Generation::watched(int descriptor) noexcept {
  return *std::ranges::find(watched_, descriptor, &pollfd::fd);
}

void Generation::change(int descriptor, For events) noexcept {
  watched(descriptor).events = events_of(events);
  ++changes_of_watched_;
}

void Generation::forget(int descriptor) noexcept {
  descriptors_.remove(descriptor);
  watched(descriptor) = watched_.at(--watched_count_);
  ++changes_of_watched_;
}

}  // namespace strongroom::client
