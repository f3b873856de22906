#include "client/cli/commands/key_lookup.h"

#include <fmt/format.h>

#include "client/cli/format/names.h"
#include "client/cli/terminal/visible.h"
#include "config/nearest.h"

namespace strongroom::cli {
namespace {

std::string nearest_name(const std::string& name, const std::vector<KeyInfo>& keys) {
  std::vector<std::string_view> names;
  names.reserve(keys.size());
  for (const KeyInfo& key : keys)
    names.emplace_back(key.name);
  return std::string(config::nearest(name, names).value_or(""));
}

// In the provider of --provider if it is given. nullopt: none is listed, and `task` learns of the
// nearest name.
Outcome<std::optional<KeyInfo>> look_up(const Invocation& invocation, Client& client,
                                        const std::string& name, Task& task) {
  std::optional<ProviderId> chosen = TRY(invocation.chosen_provider());
  std::vector<KeyInfo> keys = TRY(during(task, client.list_keys()));
  std::optional<KeyInfo> found;
  for (KeyInfo& key : keys) {
    if (key.name != name || (chosen && key.provider != *chosen)) continue;
    if (found)
      return failed(ExitCode::Usage,
                    fmt::format("{}: there is one in provider {} and one in {}", task.doing,
                                provider_name(found->provider), provider_name(key.provider)),
                    "choose with --provider");
    found = std::move(key);
  }
  if (!found) task.nearest_key = nearest_name(name, keys);
  return found;
}

Outcome<KeyInfo> find_key(const Invocation& invocation, Client& client, const std::string& name,
                          const Task& task) {
  Task found = task;
  std::optional<KeyInfo> key = TRY(look_up(invocation, client, name, found));
  if (key) return *std::move(key);
  ClientError missing(ErrorSource::Service, Status::PsaErrorDoesNotExist, "not listed");
  return std::unexpected(explain(missing, found));
}

}  // namespace

Task task_for_key(Task::Kind kind, std::string_view doing, const std::string& name,
                  const Client& client) {
  return Task{.kind = kind,
              .doing = fmt::format("{} '{}'", doing, visible(name)),
              .socket_path = client.socket_path()};
}

Outcome<KeyInUse> key_in_use(const Invocation& invocation, Task::Kind kind,
                             std::string_view doing) {
  return key_in_use(invocation, kind, doing, invocation.arguments.positional(0).value_or(""));
}

Outcome<KeyInUse> key_in_use(const Invocation& invocation, Task::Kind kind, std::string_view doing,
                             std::string name) {
  Client client = TRY(invocation.open_client());
  Task task = task_for_key(kind, doing, name, client);
  KeyInfo info = TRY(find_key(invocation, client, name, task));
  task.is_listed = true;
  Client holder = client.with_provider(info.provider);
  return KeyInUse{.name = std::move(name),
                  .info = std::move(info),
                  .holder = std::move(holder),
                  .task = std::move(task)};
}

Outcome<Client> client_for_key(const Invocation& invocation, Client client, const std::string& name,
                               Task& task) {
  std::optional<KeyInfo> key = TRY(look_up(invocation, client, name, task));
  if (!key) return client;
  task.is_listed = true;
  return client.with_provider(key->provider);
}

}  // namespace strongroom::cli
