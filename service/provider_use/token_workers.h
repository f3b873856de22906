// How token workers are started, where any are wanted.
#pragma once

#include <filesystem>
#include <memory>

#include "config/settings.h"
#include "providers/token_worker/worker_process.h"

namespace strongroom {

namespace token_worker {
class HiddenFiles;
}

// For providers with a token. Belongs to the daemon's thread; what it leads to is for any.
struct TokenWorkers {
  std::shared_ptr<token_worker::WorkerStarter> starter;  // null: none can be started
  std::shared_ptr<token_worker::HiddenFiles> hidden;
  std::filesystem::path configuration;  // that was read
  bool is_strict = true;                // none without all that confines them
  // Of what is asked of a worker, and what it answers.
  std::size_t message_limit = 0;
};

// While the process has one thread, no secret and no filter: forks the process that starts workers,
// if a provider of the settings, which were read from `configuration`, wants some.
Result<TokenWorkers> prepare_token_workers(const config::Settings& settings,
                                           const std::filesystem::path& configuration);

// Hides from workers what these settings name; those that may see it are replaced.
void hide_files(const TokenWorkers& workers, const config::Settings& settings);

}  // namespace strongroom
