#include "client/cli/commands/key_lookup.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "client/cli/format/names.h"

namespace strongroom::cli {

Task task_for_key(Task::Kind kind, std::string_view doing, const std::string& name,
                  const Client& client) {
  return Task{.kind = kind,
              .doing = fmt::format("{} '{}'", doing, escaped(name)),
              .socket_path = client.socket_path()};
}

Outcome<std::optional<KeyInfo>> look_up(const Invocation& invocation, Client& client,
                                        const std::string& name, const Task& task) {
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
  return found;
}

Outcome<KeyInfo> find_key(const Invocation& invocation, Client& client, const std::string& name,
                          const Task& task) {
  std::optional<KeyInfo> key = TRY(look_up(invocation, client, name, task));
  if (key) return *std::move(key);
  ClientError missing(ErrorSource::Service, Status::PsaErrorDoesNotExist, "not listed");
  return std::unexpected(explain(missing, task));
}

Outcome<Client> client_for_key(const Invocation& invocation, Client client, const std::string& name,
                               const Task& task) {
  std::optional<KeyInfo> key = TRY(look_up(invocation, client, name, task));
  if (!key) return client;
  return client.with_provider(key->provider);
}

}  // namespace strongroom::cli
