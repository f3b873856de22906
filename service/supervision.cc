#include "service/supervision.h"

#include <algorithm>
#include <utility>

#include <fmt/ranges.h>

#include "base/log.h"
#include "service/process/notify.h"

namespace strongroom {
namespace {

using std::chrono::milliseconds;

// Where the service manager does not say.
constexpr std::chrono::seconds kUsualPeriod{15};
// Whoever may send signals takes no core from those who are served.
constexpr milliseconds kBetweenReloads{100};

// Twice within the time that the service manager waits (sd_watchdog_enabled(3)).
Supervision::Clock::duration period() {
  const auto patience = watchdog_patience();
  return patience ? Supervision::Clock::duration(*patience / 2) : kUsualPeriod;
}

}  // namespace

Supervision::Supervision(Daemon& daemon)
    : daemon_(daemon),
      watchdog_(daemon.threads()),
      is_awaited_(watchdog_patience().has_value()),
      period_(period()) {
  std::ignore = watchdog_.silent();
  next_look_ = Clock::now() + period_;
}

Result<> Supervision::run(Signals& signals, Reloader& reloader, ReloadRequests& requests) {
  while (true) {
    const auto left = std::chrono::ceil<milliseconds>(next_look_ - Clock::now());
    const auto signal = TRY(signals.wait(std::max(left, milliseconds(0))));
    if (Clock::now() >= next_look_) look_around();
    if (daemon_.needs_restart())
      return fail(Status::PsaErrorBadState,
                  "nobody can start token workers any more: the service ends to be started anew");
    if (!signal) continue;
    if (*signal == Signals::Kind::Stop) return {};
    reload(reloader, requests);
    const bool is_stop = TRY(signals.wait_for_stop(kBetweenReloads));
    if (is_stop) return {};
  }
}

void Supervision::reload(Reloader& reloader, ReloadRequests& requests) {
  std::vector<Reloads::Done> waiting = requests.take();
  const ReloadOutcome outcome = reloader.reload();
  for (Reloads::Done& done : waiting)
    done(outcome);
  told_.clear();
}

void Supervision::look_around() {
  next_look_ = Clock::now() + period_;
  std::vector<std::string> silent = watchdog_.silent();
  if (silent != silent_) {
    if (!silent.empty())
      log::error("main", "threads do not answer: {}", fmt::join(silent, ", "));
    else
      log::info("main", "all threads answer again");
  }
  silent_ = std::move(silent);
  tell(silent_);
}

void Supervision::tell(const std::vector<std::string>& silent) {
  std::string status = daemon_.summary();
  if (!silent.empty())
    status = fmt::format("threads do not answer: {}; {}", fmt::join(silent, ", "), status);
  if (is_awaited_ && silent.empty())
    notify_alive(status);
  else if (status != told_)
    notify_status(status);
  told_ = std::move(status);
}

}  // namespace strongroom
