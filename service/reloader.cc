#include "service/reloader.h"

#include <algorithm>

#include <fmt/ranges.h>

#include "base/log.h"
#include "config/changes.h"
#include "service/process/notify.h"
#include "service/process/reload_notice.h"

namespace strongroom {

ReloadOutcome Reloader::reload() {
  const auto begun = std::chrono::steady_clock::now().time_since_epoch();
  log::info("main", "reloading the configuration");
  notify_reloading("reloading the configuration");
  const Result<std::string> done = try_reload();
  const std::string told = done ? tell_applied(*done) : tell_refused(done.error().message());
  notify_ready(told);
  publish_reload_notice({.begun = begun, .is_applied = done.has_value(), .message = told});
  return {.is_applied = done.has_value(),
          .generation = daemon_.health().generation(),
          .message = done ? *done : done.error().message()};
}

std::string Reloader::tell_applied(const std::string& changes) {
  HealthBoard& health = daemon_.health();
  health.reload_applied(changes);
  log::info("main", "reloaded generation={}: {}", health.generation(), changes);
  log::set_level(daemon_.settings().log.level);
  return fmt::format("generation {}: {}", health.generation(), changes);
}

std::string Reloader::tell_refused(const std::string& cause) {
  HealthBoard& health = daemon_.health();
  health.reload_refused(cause);
  log::error("main", "reload refused: {}", cause);
  return fmt::format("generation {}: reload refused: {}", health.generation(), cause);
}

Result<std::string> Reloader::try_reload() {
  const config::Loaded wanted = load_();
  if (wanted) return change_to(*wanted);
  for (const config::Problem& problem : wanted.error())
    log::error("main", "{}", to_string(problem));
  return fail(Status::PsaErrorInvalidArgument,
              fmt::format("problems of the configuration: {}; the first: {}", wanted.error().size(),
                          to_string(wanted.error().front())));
}

Result<std::string> Reloader::change_to(const config::Settings& wanted) {
  const config::Changes changes = config::changes_between(daemon_.settings(), wanted);
  if (!changes.need_restart.empty())
    return fail(Status::PsaErrorNotPermitted,
                fmt::format("needs restart: {}", fmt::join(changes.need_restart, ", ")));
  if (changes.made.empty()) return "nothing has changed";
  const log::Level before = daemon_.settings().log.level;
  TRY(daemon_.change_to(wanted));
  log::set_level(std::min(before, wanted.log.level));  // for the line that tells of it
  return fmt::format("changed {}", fmt::join(changes.made, ", "));
}

}  // namespace strongroom
