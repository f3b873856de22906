// What the main thread does while the others serve.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "service/daemon.h"
#include "service/process/signals.h"
#include "service/reload_requests.h"
#include "service/reloader.h"
#include "service/watchdog.h"

namespace strongroom {

// Tells the service manager how the service is, and that it lives: only where each thread that
// everyone depends on has shown life since it was told the last time. Workers of a provider's lane
// are not among them: one that is stuck holds up its lane alone. Belongs to the daemon's thread.
class Supervision {
 public:
  using Clock = std::chrono::steady_clock;
  explicit Supervision(Daemon& daemon);

  // Until a signal asks to stop; meanwhile reloads for signals and for those in `requests`.
  // PsaErrorBadState when the service has to be started anew.
  Result<> run(Signals& signals, Reloader& reloader, ReloadRequests& requests);

 private:
  void reload(Reloader& reloader, ReloadRequests& requests);
  void look_around();
  void tell(const std::vector<std::string>& silent);

  Daemon& daemon_;
  Watchdog watchdog_;
  const bool is_awaited_;  // by the service manager
  const Clock::duration period_;
  Clock::time_point next_look_;
  std::vector<std::string> silent_;
  std::string told_;
};

}  // namespace strongroom
