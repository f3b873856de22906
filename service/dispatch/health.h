// What the process knows of itself, for Status to tell.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "service/dispatch/lane.h"
#include "service/principals/accounts.h"

namespace strongroom {

// What one side of the service holds: applications or administrators.
struct Load {
  Holding held;
  std::size_t principals = 0;
  std::size_t refused_connections = 0;  // since the start
};

struct ConfigurationHealth {
  enum class LastReload { None, Applied, Refused };
  std::uint64_t generation = 1;  // one more with each reload that was applied
  LastReload last_reload = LastReload::None;
  std::chrono::sys_seconds last_reload_at;
  std::string last_reload_message;
};

struct ServiceHealth {
  std::chrono::sys_seconds started_at;
  std::chrono::seconds uptime{0};
  bool is_memory_locked = false;
  ConfigurationHealth configuration;
  Load applications;
  Load administrators;
  std::vector<LaneReport> lanes;
};

// Of a provider whose keys are in the store, for the operator.
inline std::string why_not_configured(std::size_t keys) {
  return fmt::format("not configured: no provider has that name and type, and {} {} it", keys,
                     keys == 1 ? "key needs" : "keys need");
}

// Any thread.
class HealthSource {
 public:
  virtual ~HealthSource() = default;
  virtual ServiceHealth health() = 0;
};

}  // namespace strongroom
