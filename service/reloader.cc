#include "service/reloader.h"

#include <algorithm>
#include <utility>

#include <fmt/ranges.h>

#include "base/log.h"
#include "config/changes.h"
#include "service/process/notify.h"

namespace strongroom {

void Reloader::reload() {
  log::info("main", "reloading the configuration");
  notify_reloading("reloading the configuration");
  const Result<std::string> done = try_reload();
  if (!done) log::error("main", "reload refused: {}", done.error().message());
  notify_ready(
      done ? fmt::format("generation {}: {}", generation_, *done)
           : fmt::format("generation {}: reload refused: {}", generation_, done.error().message()));
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
  const log::Level before = daemon_.settings().log.level;
  if (!changes.made.empty()) TRY(daemon_.change_to(wanted));
  ++generation_;
  std::string text = changes.made.empty()
                         ? "nothing has changed"
                         : fmt::format("changed {}", fmt::join(changes.made, ", "));
  log::set_level(std::min(before, wanted.log.level));  // for the line that tells of it
  log::info("main", "reloaded generation={}: {}", generation_, text);
  log::set_level(wanted.log.level);
  return text;
}

}  // namespace strongroom
