// strongroom provider unlock, strongroom provider accept-root
#include <array>
#include <ostream>

#include <fmt/format.h>

#include "client/cli/command.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

constexpr std::array kYes = {kYesOption};
constexpr std::array kPositionals = {
    Positional{"PROVIDER", Positional::Need::Required, "by its name in the configuration"},
};

Outcome<> control(const Invocation& invocation, ProviderAction action, std::string_view doing) {
  std::string name = invocation.arguments.positional(0).value_or("");
  Client client = TRY(invocation.open_client());
  Task task{.kind = Task::Kind::ControlProvider,
            .doing = fmt::format("{} provider '{}'", doing, visible(name)),
            .socket_path = client.socket_path()};
  ProviderAnswer answer = TRY(during(task, client.control_provider(name, action)));
  Table table({{"done", "done"}, {"message", "message"}});
  table.add({answer.is_done ? "yes" : "no", answer.message});
  if (answer.is_done || invocation.wants_json()) invocation.print_record(table);
  if (answer.is_done) return {};
  return failed(ExitCode::ServiceFailure,
                fmt::format("{}: {}", task.doing, visible(answer.message)),
                "'strongroom status' shows how the providers are");
}

Outcome<> unlock(const Invocation& invocation) {
  return control(invocation, ProviderAction::Unlock, "unlocking");
}

Outcome<> accept_root(const Invocation& invocation) {
  TRY(invocation.confirm(
      "The provider will go on with the device that is there now. If that is not the one its keys "
      "were made in, they are of no use until that one is back and accepted."));
  return control(invocation, ProviderAction::AcceptRoot, "accepting the storage root of");
}

}  // namespace

const Command kProviderUnlock = {
    .words = "provider unlock",
    .summary = "have a provider try a password again that its device has refused",
    .options = {},
    .positionals = kPositionals,
    .run = unlock,
    .audience = Audience::Administrators,
};

const Command kProviderAcceptRoot = {
    .words = "provider accept-root",
    .summary =
        "have a provider go on with the device that is there, although its keys are of another",
    .options = kYes,
    .positionals = kPositionals,
    .run = accept_root,
    .audience = Audience::Administrators,
};

}  // namespace strongroom::cli
