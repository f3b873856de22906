// strongroom key delete
#include <array>

#include "client/cli/command.h"
#include "client/cli/commands/key_lookup.h"

namespace strongroom::cli {
namespace {

constexpr std::array kPositionals = {
    Positional{"NAME", Positional::Need::Required, "the key"},
};

Outcome<> run(const Invocation& invocation) {
  std::string name = invocation.arguments.positional(0).value_or("");
  Client client = TRY(invocation.open_client());
  Task task = task_for_key(Task::Kind::Delete, "deleting key", name, client);
  Client holder = TRY(client_for_key(invocation, std::move(client), name, task));
  return during(task, holder.destroy_key(name));
}

}  // namespace

const Command kKeyDelete = {
    .words = "key delete",
    .summary = "destroy a key; it cannot be brought back",
    .options = {},
    .positionals = kPositionals,
    .run = run,
};

}  // namespace strongroom::cli
