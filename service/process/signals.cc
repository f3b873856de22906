#include "service/process/signals.h"

#include <cerrno>
#include <csignal>
#include <sys/signalfd.h>
#include <unistd.h>

namespace strongroom {

Result<Signals> Signals::block() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP})
    sigaddset(&set, signal);
  if (const int code = pthread_sigmask(SIG_BLOCK, &set, nullptr); code != 0)
    return fail(Status::PsaErrorGenericError, fmt::format("pthread_sigmask: errno {}", code));
  UniqueFd descriptor(signalfd(-1, &set, SFD_CLOEXEC));
  if (!descriptor)
    return fail(Status::PsaErrorGenericError, fmt::format("signalfd: errno {}", errno));
  return Signals(std::move(descriptor));
}

Result<Signals::Kind> Signals::wait() {
  signalfd_siginfo info{};
  while (true) {
    const ssize_t count = read(descriptor_.get(), &info, sizeof info);
    if (count == sizeof info) break;
    if (count < 0 && errno == EINTR) continue;
    return fail(Status::PsaErrorGenericError, fmt::format("reading signals: errno {}", errno));
  }
  return info.ssi_signo == static_cast<std::uint32_t>(SIGHUP) ? Kind::Reload : Kind::Stop;
}

}  // namespace strongroom
