// How token workers are started, where any are wanted.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "config/settings.h"
#include "providers/token_worker/worker_process.h"

namespace strongroom {

// For providers with a token: who starts its workers, and what of the service's these may not
// reach, whatever else they may.
struct TokenWorkers {
  std::shared_ptr<token_worker::WorkerStarter> starter;  // null: none can be started
  std::vector<std::string> hidden;
  bool is_strict = true;  // none without all that confines them
  // Of what is asked of a worker, and what it answers.
  std::size_t message_limit = 0;
};

// While the process has one thread, no secret and no filter: forks the process that starts workers,
// if a provider of the settings, which were read from `configuration`, wants some.
Result<TokenWorkers> prepare_token_workers(const config::Settings& settings,
                                           const std::filesystem::path& configuration);

}  // namespace strongroom
