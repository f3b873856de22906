#include "service/health_board.h"

#include <utility>

#include "base/wall_clock.h"

namespace strongroom {
namespace {

using std::chrono::floor;
using std::chrono::seconds;
using std::chrono::steady_clock;

Load load_of(const std::shared_ptr<const Accounts>& accounts) {
  if (!accounts) return {};
  return {.held = accounts->held(),
          .principals = accounts->principals(),
          .refused_connections = accounts->refused_connections()};
}

}  // namespace

HealthBoard::HealthBoard(Lanes& lanes, bool is_memory_locked)
    : lanes_(lanes),
      is_memory_locked_(is_memory_locked),
      started_at_(now_in_seconds()),
      started_(steady_clock::now()) {}

void HealthBoard::show(std::shared_ptr<const Accounts> applications,
                       std::shared_ptr<const Accounts> administrators) {
  const std::lock_guard lock(mutex_);
  applications_ = std::move(applications);
  administrators_ = std::move(administrators);
}

void HealthBoard::reload_applied(std::string message) {
  note_reload(ConfigurationHealth::LastReload::Applied, std::move(message));
}

void HealthBoard::reload_refused(std::string message) {
  note_reload(ConfigurationHealth::LastReload::Refused, std::move(message));
}

std::uint64_t HealthBoard::generation() {
  const std::lock_guard lock(mutex_);
  return configuration_.generation;
}

void HealthBoard::note_reload(ConfigurationHealth::LastReload outcome, std::string message) {
  const std::lock_guard lock(mutex_);
  if (outcome == ConfigurationHealth::LastReload::Applied) ++configuration_.generation;
  configuration_.last_reload = outcome;
  configuration_.last_reload_at = now_in_seconds();
  configuration_.last_reload_message = std::move(message);
}

ServiceHealth HealthBoard::health() {
  ServiceHealth health{.started_at = started_at_,
                       .uptime = floor<seconds>(steady_clock::now() - started_),
                       .is_memory_locked = is_memory_locked_,
                       .lanes = lanes_.report()};
  std::shared_ptr<const Accounts> applications;
  std::shared_ptr<const Accounts> administrators;
  {
    const std::lock_guard lock(mutex_);
    health.configuration = configuration_;
    applications = applications_;
    administrators = administrators_;
  }
  health.applications = load_of(applications);
  health.administrators = load_of(administrators);
  return health;
}

}  // namespace strongroom
