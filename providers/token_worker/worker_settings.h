// What decides about a token's workers.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "providers/pkcs11/pkcs11_provider.h"
#include "providers/token_worker/hidden_files.h"
#include "providers/token_worker/told_failure.h"

namespace strongroom::token_worker {

// What a worker may reach beside the module, the libraries, the system's configuration and the
// token's own files, once its token is in use.
enum class Sandbox : std::uint8_t {
  Files,    // nothing: tokens in software
  Pcsc,     // the service for smart cards, by its socket
  Usb,      // USB devices
  Network,  // TCP and UDP, and names of the network
};

struct WorkerSettings {
  // As in this process, where what is in `login` is called, on the threads of those who use the
  // provider and the one that starts workers, and one at a time.
  Pkcs11Provider::Settings token;
  // Processes, each of which serves one request at a time.
  unsigned workers = 2;
  Sandbox sandbox = Sandbox::Files;
  // Where the kernel has no Landlock there are no workers.
  bool needs_landlock = true;
  // Directories and files that the token writes, beside those that are known of modules.
  std::vector<std::string> paths{};
  // Workers that have begun before there were more of them are replaced.
  std::shared_ptr<HiddenFiles> hidden = std::make_shared<HiddenFiles>();
  // What the module finds in its environment, beside SOFTHSM2_CONF if this process has it. A file
  // that a variable names may be read.
  std::vector<std::pair<std::string, std::string>> environment{};

  // A worker that answers later is ended, and another takes its place.
  struct Limits {
    std::chrono::milliseconds start{10'000};
    std::chrono::milliseconds request{8'000};
    std::chrono::milliseconds generation{65'000};
  };
  Limits limits{};
  // Resident; one that needs more between two requests is replaced.
  std::size_t memory_limit = std::size_t{256} * 1024 * 1024;
  // Of a request or an answer: what a body may have, and a little.
  std::size_t message_limit = std::size_t{1088} * 1024;
  log::Level log_level = log::Level::Info;
  // The provider's, whichever of its pools has these settings.
  std::shared_ptr<ToldFailure> told = std::make_shared<ToldFailure>();
};

}  // namespace strongroom::token_worker
