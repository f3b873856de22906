// strongroom key list
#include "client/cli/command.h"
#include "client/cli/commands/key/key_table.h"

namespace strongroom::cli {
namespace {

Outcome<> run(const Invocation& invocation) {
  Client client = TRY(invocation.open_client());
  std::optional<ProviderId> chosen = TRY(invocation.chosen_provider());
  Task task{.doing = "listing your keys", .socket_path = client.socket_path()};
  std::vector<KeyInfo> keys = TRY(during(task, client.list_keys()));
  Table table = key_table();
  for (const KeyInfo& key : keys)
    if (!chosen || key.provider == *chosen) add_key(table, key);
  invocation.print_list(table);
  return {};
}

}  // namespace

const Command kKeyList = {
    .words = "key list",
    .summary = "list your keys, in all providers or in that of --provider",
    .options = {},
    .positionals = {},
    .run = run,
};

}  // namespace strongroom::cli
