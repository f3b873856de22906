// strongroom admin reload
#include <ostream>

#include <fmt/format.h>

#include "client/cli/command.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

Outcome<> run(const Invocation& invocation) {
  Client client = TRY(invocation.open_client());
  Task task{.kind = Task::Kind::Administrate,
            .doing = "reloading the configuration",
            .socket_path = client.socket_path()};
  ReloadAnswer answer = TRY(during(task, client.reload()));
  bool is_applied = answer.outcome == ReloadReport::Outcome::Applied;
  Table table({{"outcome", "outcome"}, {"generation", "generation"}, {"message", "message"}});
  table.add({is_applied ? "applied" : "refused", static_cast<std::int64_t>(answer.generation),
             answer.message});
  if (is_applied || invocation.wants_json()) invocation.print_record(table);
  if (is_applied) return {};
  return failed(ExitCode::Other,
                fmt::format("reloading the configuration: refused: {}", visible(answer.message)),
                "the service goes on as it was; what needs a restart is taken on by 'systemctl "
                "restart strongroom', and 'strongroom config check' shows what is wrong with a "
                "file");
}

}  // namespace

const Command kAdminReload = {
    .words = "admin reload",
    .summary = "have the service read its configuration again, and say what came of it",
    .options = {},
    .positionals = {},
    .run = run,
    .audience = Audience::Administrators,
};

}  // namespace strongroom::cli
