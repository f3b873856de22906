#include "service/reloader.h"

#include <algorithm>

#include <fmt/ranges.h>

#include "base/log.h"
#include "config/changes.h"
#include "service/process/notify.h"

namespace strongroom {

void Reloader::reload() {
  log::info("main", "reloading the configuration");
  notify_reloading("reloading the configuration");
  const Result<std::string> done = try_reload();
  HealthBoard& health = daemon_.health();
  if (done) {
    health.reload_applied(*done);
    log::info("main", "reloaded generation={}: {}", health.generation(), *done);
    log::set_level(daemon_.settings().log.level);
    return notify_ready(fmt::format("generation {}: {}", health.generation(), *done));
  }
  const std::string refusal = fmt::format("reload refused: {}", done.error().message());
  health.reload_refused(done.error().message());
  log::error("main", "{}", refusal);
  notify_ready(fmt::format("generation {}: {}", health.generation(), refusal));
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
                fmt::format("needs restart: '{}'", fmt::join(changes.need_restart, "', '")));
  if (changes.made.empty()) return "nothing has changed";
  const log::Level before = daemon_.settings().log.level;
  TRY(daemon_.change_to(wanted));
  log::set_level(std::min(before, wanted.log.level));  // for the line that tells of it
  return fmt::format("changed {}", fmt::join(changes.made, ", "));
}

}  // namespace strongroom
