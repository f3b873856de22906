// strongroom admin delete-client
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "client/cli/command.h"
#include "client/cli/commands/admin/client_user.h"
#include "client/cli/terminal/visible.h"
#include "config/nearest.h"

namespace strongroom::cli {
namespace {

constexpr std::array kOptions = {kYesOption};
constexpr std::array kPositionals = {
    Positional{"CLIENT", Positional::Need::Required,
               "whose keys to delete, as 'admin clients' "
               "lists it"},
};

std::string described(const std::string& name) {
  std::optional<std::string> user = user_of(name);
  if (!user) return fmt::format("'{}'", visible(name));
  return fmt::format("'{}' (user {})", visible(name), visible(*user));
}

Outcome<bool> has_keys(Client& client, const std::string& name, const Task& task) {
  std::vector<std::string> clients = TRY(during(task, client.list_clients()));
  return std::ranges::find(clients, name) != clients.end();
}

Outcome<> check_there(Client& client, const std::string& name, const Task& task) {
  std::vector<std::string> clients = TRY(during(task, client.list_clients()));
  if (std::ranges::find(clients, name) != clients.end()) return {};
  std::vector<std::string_view> names(clients.begin(), clients.end());
  return failed(ExitCode::DoesNotExist,
                fmt::format("{}: there is no client of that name{}", task.doing,
                            config::suggestion(name, names)),
                "'strongroom admin clients' lists them");
}

Outcome<> run(const Invocation& invocation) {
  std::string name = invocation.arguments.positional(0).value_or("");
  Client client = TRY(invocation.open_client());
  Task task{.kind = Task::Kind::Administrate,
            .doing = fmt::format("deleting client {}", described(name)),
            .socket_path = client.socket_path()};
  TRY(check_there(client, name, task));
  TRY(invocation.confirm(fmt::format(
      "All keys of client {} will be destroyed; they cannot be brought back.", described(name))));
  TRY(during(task, client.delete_client(name)));
  bool is_left = TRY(has_keys(client, name, task));
  if (!is_left) return {};
  return failed(ExitCode::ServiceFailure,
                fmt::format("{}: some keys could not be destroyed", task.doing),
                "the service's log says which and why");
}

}  // namespace

const Command kAdminDeleteClient = {
    .words = "admin delete-client",
    .summary = "destroy all keys of an application",
    .options = kOptions,
    .positionals = kPositionals,
    .run = run,
    .audience = Audience::Administrators,
};

}  // namespace strongroom::cli
