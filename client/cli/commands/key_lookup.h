// Which key a name on the command line means.
#pragma once

#include <optional>
#include <string>

#include "client/cli/command.h"
#include "strongroom/client.h"

namespace strongroom::cli {

// "signing with key 'web'", for errors.
Task task_for_key(Task::Kind kind, std::string_view doing, const std::string& name,
                  const Client& client);

// The caller's key of that name, in the provider of --provider if it is given. nullopt: none is
// listed, and `task` learns of the nearest name. Usage when two providers have one.
Outcome<std::optional<KeyInfo>> look_up(const Invocation& invocation, Client& client,
                                        const std::string& name, Task& task);

// As above; DoesNotExist when there is none.
Outcome<KeyInfo> find_key(const Invocation& invocation, Client& client, const std::string& name,
                          const Task& task);

// A client for the provider that has the key; where none is listed, the one that --provider or the
// service's order of preference chooses, because its own answer says more than "not found".
// `task` learns which of the keys that there are may have been meant.
Outcome<Client> client_for_key(const Invocation& invocation, Client client, const std::string& name,
                               Task& task);

}  // namespace strongroom::cli
