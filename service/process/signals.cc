#include "service/process/signals.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/errno_text.h"

namespace strongroom {
namespace {

std::unexpected<Error> failed(std::string_view call, int code = errno) {
  return fail(Status::PsaErrorGenericError, fmt::format("{}: {}", call, errno_text(code)));
}

}  // namespace

Result<Signals> Signals::block() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP})
    sigaddset(&set, signal);
  if (const int code = pthread_sigmask(SIG_BLOCK, &set, nullptr); code != 0)
    return failed("pthread_sigmask", code);
  UniqueFd signals(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals) return failed("signalfd");
  UniqueFd wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return failed("eventfd");
  return Signals(std::move(signals), std::move(wake));
}

Result<std::optional<Signals::Kind>> Signals::wait(const std::stop_token& ended) {
  const std::stop_callback wake(ended, [this] { eventfd_write(wake_.get(), 1); });
  while (!ended.stop_requested()) {
    std::array entries = {pollfd{.fd = signals_.get(), .events = POLLIN, .revents = 0},
                          pollfd{.fd = wake_.get(), .events = POLLIN, .revents = 0}};
    if (poll(entries.data(), entries.size(), -1) < 0 && errno != EINTR) return failed("poll");
    eventfd_t woken = 0;
    eventfd_read(wake_.get(), &woken);  // else the next wait would find it
    signalfd_siginfo info{};
    const ssize_t count = read(signals_.get(), &info, sizeof info);
    if (count == sizeof info)
      return info.ssi_signo == static_cast<std::uint32_t>(SIGHUP) ? Kind::Reload : Kind::Stop;
    if (count < 0 && errno != EINTR && errno != EAGAIN) return failed("reading signals");
  }
  return std::nullopt;
}

}  // namespace strongroom
