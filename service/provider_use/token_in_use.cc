#include "service/provider_use/token_in_use.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "config/parser.h"
#include "providers/pkcs11/pkcs11_provider.h"
#include "providers/pkcs11/upkeep/kept_token_provider.h"
#include "providers/token_worker/worker_provider.h"
#include "service/provider_use/secret_source.h"
#include "service/spawner/spawner.h"

namespace strongroom {
namespace {

// Between two looks at a token that is away the upkeep makes the pauses.
constexpr std::chrono::milliseconds kPause{200};

// RFC 3986 §2.1; all but what is unreserved.
std::string percent_encoded(std::string_view text, std::string_view kept = "") {
  std::string encoded;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool is_unreserved = (letter >= 'a' && letter <= 'z') ||
                               (letter >= 'A' && letter <= 'Z') ||
                               (letter >= '0' && letter <= '9') ||
                               std::string_view("-._~").find(letter) != std::string_view::npos;
    if (is_unreserved || kept.find(letter) != kept.npos)
      encoded += letter;
    else
      encoded += fmt::format("%{:02X}", byte);
  }
  return encoded;
}

// RFC 7512, of what the configuration says in keys of their own.
std::string uri_of(const config::Provider& settings) {
  if (!settings.uri.text.empty()) return settings.uri.text;
  std::string path;
  const auto add = [&path](std::string_view name, const std::string& value) {
    if (value.empty()) return;
    path += fmt::format("{}{}={}", path.empty() ? "" : ";", name, value);
  };
  add("token", percent_encoded(settings.token.name));
  add("serial", percent_encoded(settings.serial.name));
  if (settings.slot.number) add("slot-id", std::to_string(*settings.slot.number));
  return fmt::format("pkcs11:{}?module-path={}", path,
                     percent_encoded(settings.module.native(), "/"));
}

// Empty where there is no PIN: the token asks for none, or has a keypad of its own.
pkcs11::PinInUse::Source pin_of(const config::Provider& settings) {
  if (settings.pin.kind == config::SecretSource::Kind::None) return {};
  return secret_of(settings, config::kPin);
}

Pkcs11Provider::Settings provider_settings(const config::Provider& settings) {
  Pkcs11Provider::Settings result;
  result.uri = uri_of(settings);
  for (const config::TokenQuirk& quirk : settings.quirks)
    result.quirks.push_back(quirk.name);
  result.most_sessions = settings.sessions;
  result.pause = kPause;
  result.creation.allow_export = settings.allow_export;
  result.creation.always_authenticate = settings.always_authenticate;
  return result;
}

token_worker::Sandbox sandbox_of(config::TokenSandbox sandbox) {
  switch (sandbox) {
    case config::TokenSandbox::Files: return token_worker::Sandbox::Files;
    case config::TokenSandbox::Pcsc: return token_worker::Sandbox::Pcsc;
    case config::TokenSandbox::Usb: return token_worker::Sandbox::Usb;
    case config::TokenSandbox::Network: return token_worker::Sandbox::Network;
  }
  return token_worker::Sandbox::Files;
}

log::Level level_in_use() noexcept {
  using enum log::Level;
  for (const log::Level level : {Trace, Debug, Info, Warning, Error})
    if (log::is_enabled(level)) return level;
  return Off;
}

using Told = std::shared_ptr<token_worker::ToldFailure>;

token_worker::WorkerSettings worker_settings(const config::Provider& settings,
                                             Pkcs11Provider::Settings token,
                                             const TokenWorkers& workers, const Told& told) {
  token_worker::WorkerSettings result{.token = std::move(token)};
  result.told = told;
  result.workers = settings.workers;
  result.sandbox = sandbox_of(settings.sandbox);
  result.needs_landlock = workers.is_strict;
  for (const config::TokenPath& path : settings.paths)
    result.paths.push_back(path.path);
  result.hidden = workers.hidden;
  result.message_limit = workers.message_limit;
  result.log_level = level_in_use();
  for (const config::TokenVariable& variable : settings.environment)
    result.environment.emplace_back(variable.name, variable.value);
  return result;
}

bool has_workers(const config::Provider& settings) {
  return settings.type == config::ProviderType::Pkcs11 &&
         settings.isolation == config::TokenIsolation::Worker;
}

Result<std::unique_ptr<pkcs11::TokenBackend>> make_backend(const config::Provider& settings,
                                                           const TokenWorkers& workers,
                                                           Pkcs11Provider::Settings token,
                                                           const Told& told) {
  std::unique_ptr<pkcs11::TokenBackend> made;
  if (has_workers(settings))
    made = TRY(WorkerProvider::create(settings.name,
                                      worker_settings(settings, std::move(token), workers, told),
                                      workers.starter));
  else
    made = TRY(Pkcs11Provider::create(settings.name, std::move(token)));
  return made;
}

// What the daemon alone may read: what is sealed, by what, and what a device wants to be told.
std::vector<std::string> hidden_files(const config::Settings& settings,
                                      const std::filesystem::path& configuration) {
  // Workers are in another directory.
  std::error_code unknown;
  const std::filesystem::path file = std::filesystem::absolute(configuration, unknown);
  const std::string store = settings.store.path;
  std::vector<std::string> files = {
      std::filesystem::path(config::kDefaultPath).parent_path(),
      file,
      file.parent_path() / config::kFragments,
      settings.store.key_source.path,
  };
  for (const char* suffix : {"", "-wal", "-shm", "-journal", ".lock", ".reserve", ".creating"})
    files.push_back(store + suffix);
  for (const config::Socket& socket : settings.sockets)
    files.push_back(socket.path);
  for (const config::Provider& provider : settings.providers)
    for (const config::ProviderSecret& secret : config::kProviderSecrets)
      if (const auto& source = provider.*secret.source;
          source.kind == config::SecretSource::Kind::File)
        files.push_back(source.name);
  if (const char* credentials = ::secure_getenv("CREDENTIALS_DIRECTORY"))
    files.emplace_back(credentials);
  std::erase(files, "");
  return files;
}

}  // namespace

Result<TokenWorkers> prepare_token_workers(const config::Settings& settings,
                                           const std::filesystem::path& configuration) {
  // What a message has beside a body's bytes: the key, the algorithm.
  constexpr std::size_t kBeside = std::size_t{64} * 1024;
  const config::Limits& limits = settings.limits;
  const auto body = std::max(limits.body_bytes.bytes, limits.response_bytes.bytes);
  TokenWorkers workers{.starter = nullptr,
                       .hidden = std::make_shared<token_worker::HiddenFiles>(),
                       .configuration = configuration,
                       .is_strict = settings.service.strict,
                       .message_limit = body + kBeside};
  hide_files(workers, settings);
  if (std::ranges::any_of(settings.providers, has_workers))
    workers.starter = TRY(Spawner::fork(token_worker_program()));
  return workers;
}

void hide_files(const TokenWorkers& workers, const config::Settings& settings) {
  if (workers.hidden) workers.hidden->add(hidden_files(settings, workers.configuration));
}

Result<std::unique_ptr<Provider>> make_token_provider(const config::Provider& settings,
                                                      const TokenWorkers& workers) {
  TRY(in_context(Pkcs11Provider::check(provider_settings(settings)), "starting provider '{}'",
                 settings.name));
  if (has_workers(settings) && !workers.starter)
    return fail(
        Status::PsaErrorNotPermitted,
        fmt::format("needs restart: provider '{}' has workers, and this process was started "
                    "without the one that starts them",
                    settings.name));
  auto label = KeptTokenProvider::new_label();
  const auto told = std::make_shared<token_worker::ToldFailure>();
  auto make = [settings, workers, label, told](
                  std::optional<pkcs11::TokenIdentity> remembered,
                  pkcs11::Login::Settings login) -> Result<std::unique_ptr<pkcs11::TokenBackend>> {
    Pkcs11Provider::Settings token = provider_settings(settings);
    token.remembered = std::move(remembered);
    token.login = std::move(login);
    token.creation.label = TRY(label->get());
    return make_backend(settings, workers, std::move(token), told);
  };
  std::unique_ptr<Provider> made = TRY(KeptTokenProvider::create(
      settings.name, std::move(make), pin_of(settings), std::move(label)));
  return made;
}

void begin_token(Provider& provider, const std::shared_ptr<ProviderNotes>& notes) {
  if (auto* token = dynamic_cast<KeptTokenProvider*>(&provider)) token->label().begin(notes);
}

Result<std::unique_ptr<Pkcs11Provider>> open_token(const config::Provider& settings) {
  Pkcs11Provider::Settings wanted = provider_settings(settings);
  wanted.login.pin = pin_of(settings);
  auto token = TRY(Pkcs11Provider::create(settings.name, std::move(wanted)));
  std::ignore = TRY(token->identity());
  return token;
}

void use_token_pin(Provider& provider, const config::Provider& settings) {
  if (auto* token = dynamic_cast<KeptTokenProvider*>(&provider)) token->use_pin(pin_of(settings));
}

}  // namespace strongroom
