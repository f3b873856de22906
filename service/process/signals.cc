#include "service/process/signals.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <initializer_list>
#include <poll.h>
#include <span>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/errno_text.h"

namespace strongroom {
namespace {

using Clock = std::chrono::steady_clock;

std::unexpected<Error> failed(std::string_view call, int code = errno) {
  return fail(Status::PsaErrorGenericError, fmt::format("{}: {}", call, errno_text(code)));
}

Result<UniqueFd> block_and_watch(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals)
    sigaddset(&set, signal);
  if (const int code = pthread_sigmask(SIG_BLOCK, &set, nullptr); code != 0)
    return failed("pthread_sigmask", code);
  UniqueFd watched(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!watched) return failed("signalfd");
  return watched;
}

pollfd readable(const UniqueFd& descriptor) {
  return {.fd = descriptor.get(), .events = POLLIN, .revents = 0};
}

// Until one is readable, or it is time; interruptions count as either.
Result<> poll_until(std::span<pollfd> entries, Clock::time_point end) {
  using std::chrono::milliseconds;
  constexpr milliseconds kLongest = std::chrono::hours(1);
  const auto left = std::chrono::ceil<milliseconds>(end - Clock::now());
  const auto timeout = std::clamp(left, milliseconds(0), kLongest);
  if (poll(entries.data(), entries.size(), static_cast<int>(timeout.count())) < 0 && errno != EINTR)
    return failed("poll");
  return {};
}

// Whether one was taken.
Result<bool> take_signal(const UniqueFd& signals) {
  signalfd_siginfo info{};
  const ssize_t count = read(signals.get(), &info, sizeof info);
  if (count < 0 && errno != EINTR && errno != EAGAIN) return failed("reading signals");
  return count == sizeof info;
}

}  // namespace

Result<Signals> Signals::block() {
  auto stops = TRY(block_and_watch({SIGTERM, SIGINT}));
  auto reloads = TRY(block_and_watch({SIGHUP}));
  UniqueFd asked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  UniqueFd wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!asked || !wake) return failed("eventfd");
  return Signals(std::move(stops), std::move(reloads), std::move(asked), std::move(wake));
}

Result<std::optional<Signals::Kind>> Signals::wait(Duration timeout) {
  const Clock::time_point end = Clock::now() + timeout;
  while (true) {
    std::array entries = {readable(stops_), readable(reloads_), readable(asked_)};
    TRY(poll_until(entries, end));
    const bool is_stop = TRY(take_signal(stops_));
    if (is_stop) return Kind::Stop;
    const bool is_reload = TRY(take_signal(reloads_));
    eventfd_t asked = 0;
    const bool is_asked = eventfd_read(asked_.get(), &asked) == 0;
    if (is_reload || is_asked) return Kind::Reload;
    if (Clock::now() >= end) return std::nullopt;
  }
}

void Signals::ask_to_reload() noexcept {
  eventfd_write(asked_.get(), 1);
}

Result<bool> Signals::wait_for_stop(Duration timeout, const std::stop_token& ended) {
  const std::stop_callback wake(ended, [this] { eventfd_write(wake_.get(), 1); });
  const Clock::time_point end = Clock::now() + timeout;
  while (true) {
    std::array entries = {readable(stops_), readable(wake_)};
    TRY(poll_until(entries, end));
    eventfd_t woken = 0;
    eventfd_read(wake_.get(), &woken);  // else the next wait would find it
    const bool is_stop = TRY(take_signal(stops_));
    if (is_stop || ended.stop_requested() || Clock::now() >= end) return is_stop;
  }
}

}  // namespace strongroom
