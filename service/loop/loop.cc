#include "service/loop/loop.h"

#include <algorithm>
#include <exception>
#include <limits>
#include <utility>

#include "base/memory_reserve.h"
#include "service/loop/system_error.h"

namespace strongroom {
namespace {

constexpr std::size_t kFirstEvents = 64;
// A timer that fires this late fires in a process that was stopped, or starved.
constexpr std::chrono::milliseconds kAway{100};
// What others have then to go on with what they could not do meanwhile.
constexpr std::chrono::seconds kLeniency{1};
// No watch has it: a descriptor is never negative.
constexpr std::uint64_t kMailToken = std::numeric_limits<std::uint64_t>::max();

std::uint64_t token_of(int fd, std::uint32_t generation) noexcept {
  return (std::uint64_t{generation} << 32) | static_cast<std::uint32_t>(fd);
}

}  // namespace

Result<std::unique_ptr<Loop>> Loop::create() {
  UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return std::unexpected(system_error("creating an epoll descriptor"));
  auto mailbox = TRY(Mailbox::create());
  epoll_event event{.events = EPOLLIN, .data = {.u64 = kMailToken}};
  if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, mailbox->descriptor(), &event) != 0)
    return std::unexpected(system_error("watching an event descriptor"));
  return std::unique_ptr<Loop>(new Loop(std::move(epoll), std::move(mailbox)));
}

Loop::Loop(UniqueFd epoll, std::shared_ptr<Mailbox> mailbox) noexcept
    : epoll_(std::move(epoll)), mailbox_(std::move(mailbox)), events_(kFirstEvents) {}

Loop::~Loop() {
  // Mail holds references to what posted it, perhaps to the mailbox itself.
  mailbox_->close();
  mailbox_->collect();
}

void Loop::run() {
  for (bool is_open = true; is_open;) {
    const std::size_t ready = wait();
    // What is ready is handled before it is judged as too late.
    const bool is_all = ready < events_.size();
    begin_turn();
    // By turns, so that of those who share something limited the same are not always first.
    if (turn_ % 2 == 0) call_again();
    handle_ready(ready);
    call_again();
    is_open = run_posted();
    if (is_all) run_due();
  }
}

std::size_t Loop::wait() {
  int count = -1;
  do {
    const int patience = again_.empty() ? milliseconds_to_wait() : 0;
    count = ::epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()), patience);
  } while (count < 0 && errno == EINTR);
  if (count < 0) std::terminate();  // the epoll descriptor is not one any more
  return static_cast<std::size_t>(count);
}

void Loop::begin_turn() {
  ++turn_;
  last_turn_.store(Clock::now(), std::memory_order_relaxed);
  std::swap(again_, call_again_);
  // Now, so that those whom epoll tells of may ask for the turn after this one.
  for (const std::uint64_t token : call_again_)
    watch_of(token).is_called_again = false;
  if (each_turn_) each_turn_();
}

void Loop::handle_ready(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const epoll_event& event = events_[(i + turn_) % count];
    dispatch(event.data.u64, event.events);
  }
  // Whoever is called again would otherwise have more turns than those who did not fit.
  if (count == events_.size()) events_.resize(2 * count);
}

void Loop::call_again() {
  const std::size_t count = call_again_.size();
  for (std::size_t i = 0; i < count; ++i)
    dispatch(call_again_[(i + turn_) % count], 0);
  call_again_.clear();
}

void Loop::dispatch(std::uint64_t token, std::uint32_t events) {
  if (token == kMailToken) return mailbox_->acknowledge();
  Watch& watch = watch_of(token);
  // An earlier callback of this turn may have ended the watch.
  if (watch.watcher == nullptr || watch.generation != token >> 32) return;
  if (std::exchange(watch.called_in, turn_) == turn_) return;
  Watcher* watcher = watch.watcher;
  if (attempt([&] { watcher->on_ready(events); })) return;
  // The watch may have moved or ended meanwhile.
  const Watch& left = watch_of(token);
  if (left.watcher == watcher && left.generation == token >> 32) watcher->on_out_of_memory();
}

bool Loop::run_posted() {
  Mailbox::Mail mail = mailbox_->collect();
  for (Task& task : mail.tasks) {
    task();
    task = nullptr;  // what it owns goes now, not with the batch
  }
  if (after_posted_) after_posted_();
  return !mail.is_last;
}

void Loop::run_due() {
  const Clock::time_point now = Clock::now();
  if (timers_.empty() || next_due() > now) return;
  // Once for each timer: where every turn takes long, deadlines are still met.
  if (timers_.begin()->first.due > lenient_until_ && now - next_due() > kAway) {
    lenient_until_ = now + kLeniency;
    return;
  }
  while (!timers_.empty() && timers_.begin()->first.due <= now)
    timers_.extract(timers_.begin()).mapped()();
}

Loop::Clock::time_point Loop::next_due() const {
  return std::max(timers_.begin()->first.due, lenient_until_);
}

int Loop::milliseconds_to_wait() const {
  if (timers_.empty()) return -1;
  // Rounded up, so that the loop does not spin through the last fraction of a millisecond.
  auto left = std::chrono::ceil<std::chrono::milliseconds>(next_due() - Clock::now());
  return static_cast<int>(
      std::clamp<std::int64_t>(left.count(), 0, std::numeric_limits<int>::max()));
}

Result<> Loop::watch(int fd, std::uint32_t events, Watcher& watcher) {
  const auto index = static_cast<std::size_t>(fd);
  if (index >= watches_.size()) watches_.resize(index + 1);
  Watch& watch = watches_[index];
  watch = {.generation = watch.generation + 1};
  TRY(control(EPOLL_CTL_ADD, fd, events));
  watch.watcher = &watcher;
  return {};
}

Result<> Loop::rewatch(int fd, std::uint32_t events) {
  return control(EPOLL_CTL_MOD, fd, events);
}

Result<> Loop::control(int operation, int fd, std::uint32_t events) {
  const std::uint32_t generation = watches_.at(static_cast<std::size_t>(fd)).generation;
  epoll_event event{.events = events, .data = {.u64 = token_of(fd, generation)}};
  if (::epoll_ctl(epoll_.get(), operation, fd, &event) != 0)
    return std::unexpected(system_error(fmt::format("watching descriptor {}", fd)));
  return {};
}

void Loop::unwatch(int fd) {
  const auto index = static_cast<std::size_t>(fd);
  if (index >= watches_.size() || watches_[index].watcher == nullptr) return;
  watches_[index].watcher = nullptr;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

void Loop::again(int fd) {
  Watch& watch = watches_.at(static_cast<std::size_t>(fd));
  if (std::exchange(watch.is_called_again, true)) return;
  again_.push_back(token_of(fd, watch.generation));
}

Loop::TimerId Loop::at(Clock::time_point due, Task task) {
  const TimerId id{due, next_timer_++};
  timers_.emplace(id, std::move(task));
  return id;
}

}  // namespace strongroom
