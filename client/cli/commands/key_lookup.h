// Which key a name on the command line means.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "client/cli/command.h"
#include "strongroom/client.h"

namespace strongroom::cli {

// "signing with key 'web'", for errors.
Task task_for_key(Task::Kind kind, std::string_view doing, const std::string& name,
                  const Client& client);

// A key found by its name, a client for its provider, and what is said when something fails.
struct KeyInUse {
  std::string name;
  KeyInfo info;
  Client holder;
  Task task;
};
// The caller's key that the first argument names, in the provider of --provider if it is given;
// `doing` as "encrypting with key". DoesNotExist when there is none, Usage when two providers have
// one.
Outcome<KeyInUse> key_in_use(const Invocation& invocation, Task::Kind kind, std::string_view doing);
// The one of that name.
Outcome<KeyInUse> key_in_use(const Invocation& invocation, Task::Kind kind, std::string_view doing,
                             std::string name);

// A client for the provider that has the key; where none is listed, the one that --provider or the
// service's order of preference chooses, because its own answer says more than "not found".
// `task` learns which of the keys that there are may have been meant.
Outcome<Client> client_for_key(const Invocation& invocation, Client client, const std::string& name,
                               Task& task);

}  // namespace strongroom::cli
