// strongroom admin clients
#include "client/cli/command.h"
#include "client/cli/commands/admin/client_user.h"

namespace strongroom::cli {
namespace {

Outcome<> run(const Invocation& invocation) {
  Client client = TRY(invocation.open_client());
  Task task{.kind = Task::Kind::Administrate,
            .doing = "listing clients",
            .socket_path = client.socket_path()};
  std::vector<std::string> clients = TRY(during(task, client.list_clients()));
  Table table({{"client", "CLIENT"}, {"user", "USER"}});
  for (const std::string& name : clients) {
    std::optional<std::string> user = user_of(name);
    table.add({name, user ? Cell(*user) : Cell(std::monostate())});
  }
  invocation.print_list(table);
  return {};
}

}  // namespace

const Command kAdminClients = {
    .words = "admin clients",
    .summary = "list the applications that have keys",
    .options = {},
    .positionals = {},
    .run = run,
    .audience = Audience::Administrators,
};

}  // namespace strongroom::cli
