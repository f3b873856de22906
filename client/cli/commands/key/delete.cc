// strongroom key delete
#include <array>

#include <fmt/format.h>

#include "client/cli/command.h"
#include "client/cli/commands/key_lookup.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

constexpr std::array kOptions = {kYesOption};
constexpr std::array kPositionals = {
    kKeyPositional,
};

Outcome<> run(const Invocation& invocation) {
  std::string name = invocation.arguments.positional(0).value_or("");
  Client client = TRY(invocation.open_client());
  Task task = task_for_key(Task::Kind::Delete, "deleting key", name, client);
  Client holder = TRY(client_for_key(invocation, std::move(client), name, task));
  // Scripts go on as they are; who types is asked.
  if (invocation.streams.in_is_terminal)
    TRY(invocation.confirm(
        fmt::format("Key '{}' will be destroyed; it cannot be brought back.", visible(name))));
  return during(task, holder.destroy_key(name));
}

}  // namespace

const Command kKeyDelete = {
    .words = "key delete",
    .summary = "destroy a key; it cannot be brought back, so a terminal is asked first",
    .options = kOptions,
    .positionals = kPositionals,
    .run = run,
};

}  // namespace strongroom::cli
