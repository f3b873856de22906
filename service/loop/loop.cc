#include "service/loop/loop.h"

#include <algorithm>
#include <array>
#include <exception>
#include <limits>
#include <sys/epoll.h>

#include "service/loop/system_error.h"

namespace strongroom {
namespace {

constexpr int kEventsPerTurn = 64;
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
    : epoll_(std::move(epoll)), mailbox_(std::move(mailbox)) {}

Loop::~Loop() {
  // Mail holds references to what posted it, perhaps to the mailbox itself.
  mailbox_->close();
  mailbox_->collect();
}

void Loop::run() {
  for (bool is_open = true; is_open;) {
    wait();
    is_open = run_posted();
    run_due();
  }
}

void Loop::wait() {
  std::array<epoll_event, kEventsPerTurn> events;
  int count = ::epoll_wait(epoll_.get(), events.data(), kEventsPerTurn, milliseconds_to_wait());
  if (count < 0 && errno != EINTR) std::terminate();  // the epoll descriptor is not one any more
  if (each_turn_) each_turn_();
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events.at(static_cast<std::size_t>(i));
    dispatch(event.data.u64, event.events);
  }
}

void Loop::dispatch(std::uint64_t token, std::uint32_t events) {
  if (token == kMailToken) return mailbox_->acknowledge();
  // An earlier callback of this batch may have ended the watch.
  const Watch& watch = watches_.at(static_cast<std::uint32_t>(token));
  if (watch.watcher != nullptr && watch.generation == token >> 32) watch.watcher->on_ready(events);
}

bool Loop::run_posted() {
  Mailbox::Mail mail = mailbox_->collect();
  for (Task& task : mail.tasks) {
    task();
    task = nullptr;  // what it owns goes now, not with the batch
  }
  return !mail.is_last;
}

void Loop::run_due() {
  const Clock::time_point now = Clock::now();
  while (!timers_.empty() && timers_.begin()->first.due <= now)
    timers_.extract(timers_.begin()).mapped()();
}

int Loop::milliseconds_to_wait() const {
  if (timers_.empty()) return -1;
  // Rounded up, so that the loop does not spin through the last fraction of a millisecond.
  auto left =
      std::chrono::ceil<std::chrono::milliseconds>(timers_.begin()->first.due - Clock::now());
  return static_cast<int>(
      std::clamp<std::int64_t>(left.count(), 0, std::numeric_limits<int>::max()));
}

Result<> Loop::watch(int fd, std::uint32_t events, Watcher& watcher) {
  const auto index = static_cast<std::size_t>(fd);
  if (index >= watches_.size()) watches_.resize(index + 1);
  Watch& watch = watches_[index];
  ++watch.generation;
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

Loop::TimerId Loop::at(Clock::time_point due, Task task) {
  const TimerId id{due, next_timer_++};
  timers_.emplace(id, std::move(task));
  return id;
}

}  // namespace strongroom
