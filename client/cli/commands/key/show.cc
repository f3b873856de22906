// strongroom key show
#include <array>

#include "client/cli/command.h"
#include "client/cli/commands/key/key_table.h"
#include "client/cli/commands/key_lookup.h"

namespace strongroom::cli {
namespace {

constexpr std::array kPositionals = {
    Positional{"NAME", Positional::Need::Required, "the key"},
};

Outcome<> run(const Invocation& invocation) {
  std::string name = invocation.arguments.positional(0).value_or("");
  Client client = TRY(invocation.open_client());
  Task task = task_for_key(Task::Kind::Discover, "showing key", name, client);
  KeyInfo key = TRY(find_key(invocation, client, name, task));
  Table table = key_table();
  add_key(table, key);
  invocation.print_record(table);
  return {};
}

}  // namespace

const Command kKeyShow = {
    .words = "key show",
    .summary = "show what a key is and what it may be used for",
    .options = {},
    .positionals = kPositionals,
    .run = run,
};

}  // namespace strongroom::cli
