#include "providers/token_worker/protocol/start.h"

#include <algorithm>
#include <cstdlib>

namespace strongroom::token_worker {
namespace {

// Where a module looks for its own configuration: of those that do.
constexpr const char* kKnownVariables[] = {"SOFTHSM2_CONF"};

using Variable = std::pair<std::string, std::string>;

void put_value(Writer& writer, const Variable& variable) {
  writer.put(variable.first);
  writer.put(variable.second);
}

std::string take_text(Reader& reader) {
  return std::string(reader.text());
}

Variable take_variable(Reader& reader) {
  auto name = take_text(reader);
  return {std::move(name), take_text(reader)};
}

}  // namespace

Start start_for(std::string provider, const WorkerSettings& settings) {
  Start start{.version = STRONGROOM_VERSION,
              .provider = std::move(provider),
              .uri = settings.token.uri,
              .remembered = settings.token.remembered,
              .has_pin = static_cast<bool>(settings.token.login.pin),
              .quirks = settings.token.quirks,
              .patience = settings.token.patience,
              .pause = settings.token.pause,
              .creation = settings.token.creation,
              .sandbox = settings.sandbox,
              .needs_landlock = settings.needs_landlock,
              .paths = settings.paths,
              .hidden = settings.hidden->all(),
              .environment = settings.environment,
              .message_limit = settings.message_limit,
              .log_level = settings.log_level};
  for (const char* name : kKnownVariables) {
    const auto given = std::ranges::find(settings.environment, name, &Variable::first);
    const char* value = ::secure_getenv(name);
    if (value != nullptr && given == settings.environment.end())
      start.environment.emplace_back(name, value);
  }
  return start;
}

Pkcs11Provider::Settings provider_settings(const Start& start) {
  Pkcs11Provider::Settings settings;
  settings.uri = start.uri;
  settings.remembered = start.remembered;
  settings.quirks = start.quirks;
  settings.patience = start.patience;
  settings.pause = start.pause;
  settings.creation = start.creation;
  return settings;
}

void put_value(Writer& writer, const Start& start) {
  writer.put(start.version);
  writer.put(start.provider);
  writer.put(start.uri);
  writer.put(start.remembered);
  writer.put(start.has_pin);
  writer.put(start.is_login_allowed);
  writer.put(start.quirks);
  writer.put(start.patience);
  writer.put(start.pause);
  writer.put(start.creation.label);
  writer.put(start.creation.allow_export);
  writer.put(start.creation.always_authenticate);
  writer.put(start.sandbox);
  writer.put(start.needs_landlock);
  writer.put(start.paths);
  writer.put(start.hidden);
  writer.put(static_cast<std::uint32_t>(start.environment.size()));
  for (const auto& variable : start.environment)
    put_value(writer, variable);
  writer.put(start.message_limit);
  writer.put(start.log_level);
}

Start take_value(Reader& reader, Take<Start>) {
  Start start;
  start.version = take_text(reader);
  start.provider = take_text(reader);
  start.uri = take_text(reader);
  start.remembered = reader.optional<pkcs11::TokenIdentity>(
      [](Reader& r) { return take_value(r, as<pkcs11::TokenIdentity>); });
  start.has_pin = reader.number<bool>();
  start.is_login_allowed = reader.number<bool>();
  start.quirks = reader.list<std::string>(take_text);
  start.patience = reader.time();
  start.pause = reader.time();
  start.creation.label = take_text(reader);
  start.creation.allow_export = reader.number<bool>();
  start.creation.always_authenticate = reader.number<bool>();
  start.sandbox = reader.enumerator(Sandbox::Files, Sandbox::Network);
  start.needs_landlock = reader.number<bool>();
  start.paths = reader.list<std::string>(take_text);
  start.hidden = reader.list<std::string>(take_text);
  start.environment = reader.list<std::pair<std::string, std::string>>(take_variable);
  start.message_limit = reader.number<std::uint64_t>();
  start.log_level = reader.enumerator(log::Level::Trace, log::Level::Off);
  return start;
}

void put_value(Writer& writer, const Started& started) {
  put_value(writer, started.token);
  writer.put(started.missing_confinement);
}

Started take_value(Reader& reader, Take<Started>) {
  Started started;
  started.token = take_value(reader, as<pkcs11::TokenIdentity>);
  started.missing_confinement = words_for_a_log(reader.text());
  return started;
}

}  // namespace strongroom::token_worker
