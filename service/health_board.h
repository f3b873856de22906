// Where the parts of the process put up what Status tells of them.
#pragma once

#include <memory>
#include <mutex>

#include "service/dispatch/health.h"
#include "service/dispatch/lanes.h"

namespace strongroom {

// Any thread.
class HealthBoard final : public HealthSource {
 public:
  // `lanes` lives as long as health() is asked for.
  HealthBoard(Lanes& lanes, bool is_memory_locked);

  void show(std::shared_ptr<const Accounts> applications,
            std::shared_ptr<const Accounts> administrators);
  // After each reload: a refused one leaves the generation as it is.
  void reload_applied(std::string message);
  void reload_refused(std::string message);

  // Of the configuration in force: 1, and one more with each reload that was applied.
  std::uint64_t generation();
  ServiceHealth health() override;

 private:
  void note_reload(ConfigurationHealth::LastReload outcome, std::string message);

  Lanes& lanes_;
  const bool is_memory_locked_;
  const std::chrono::sys_seconds started_at_;
  const std::chrono::steady_clock::time_point started_;
  std::mutex mutex_;  // guards what follows
  ConfigurationHealth configuration_;
  std::shared_ptr<const Accounts> applications_;
  std::shared_ptr<const Accounts> administrators_;
};

}  // namespace strongroom
