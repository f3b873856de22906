// The first message to a worker, and what it answers.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "providers/token_worker/protocol/values.h"
#include "providers/token_worker/worker_settings.h"

namespace strongroom::token_worker {

// Longest of its kind.
inline constexpr std::size_t kMostOfStart = std::size_t{64} * 1024;

// What a worker is told: of the settings all that concerns one, without a secret.
struct Start {
  // Of the program that wrote it; another does not go on with the rest.
  std::string version;
  std::string provider;  // its name, for messages
  std::string uri;
  std::optional<pkcs11::TokenIdentity> remembered;
  bool has_pin = false;
  // An administrator has seen to the PIN since it was refused.
  bool is_login_allowed = false;
  std::vector<std::string> quirks;
  std::chrono::milliseconds patience{0};
  std::chrono::milliseconds pause{0};
  pkcs11::Access::Creation creation;
  Sandbox sandbox = Sandbox::Files;
  bool needs_landlock = false;
  std::vector<std::string> paths;
  std::vector<std::string> hidden;
  std::vector<std::pair<std::string, std::string>> environment;
  std::uint64_t message_limit = 0;
  log::Level log_level = log::Level::Info;
};

Start start_for(std::string provider, const WorkerSettings& settings);
// The provider's settings in the worker, but for the login.
Pkcs11Provider::Settings provider_settings(const Start& start);

void put_value(Writer& writer, const Start& start);
Start take_value(Reader& reader, Take<Start>);

// Once the token is in use.
struct Started {
  pkcs11::TokenIdentity token;
  std::string missing_confinement;  // WorkerProvider::missing_confinement()
};

void put_value(Writer& writer, const Started& started);
Started take_value(Reader& reader, Take<Started>);

}  // namespace strongroom::token_worker
