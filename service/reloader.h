// Answers the wish for another configuration: as a whole, or not at all.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "config/parser.h"
#include "service/daemon.h"
#include "service/dispatch/reloads.h"

namespace strongroom {

// Belongs to the daemon's thread.
class Reloader {
 public:
  using Load = std::function<config::Loaded()>;

  Reloader(Daemon& daemon, Load load) : daemon_(daemon), load_(std::move(load)) {}

  // Tells the log, the service manager, whoever asked by a signal, and its caller what comes of it.
  // On any problem the running configuration stays.
  ReloadOutcome reload();

 private:
  // What there is to tell, or why the reload is refused.
  Result<std::string> try_reload();
  Result<std::string> change_to(const config::Settings& wanted);
  // What is said of it.
  std::string tell_applied(const std::string& changes);
  std::string tell_refused(const std::string& cause);

  Daemon& daemon_;
  const Load load_;
};

}  // namespace strongroom
