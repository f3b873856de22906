// strongroom provider unlock, strongroom provider accept-root
#include <algorithm>
#include <array>
#include <ostream>

#include <fmt/format.h>

#include "client/cli/command.h"
#include "client/cli/format/names.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

constexpr std::array kYes = {kYesOption};
constexpr std::array kPositionals = {
    Positional{"PROVIDER", Positional::Need::Required,
               "by its name in the configuration, or as for --provider"},
};

// In the configuration. The service tells of a word that stands for none.
Outcome<std::string> name_of(Client& client, const std::string& word) {
  Task task{.kind = Task::Kind::Administrate,
            .doing = "looking up the provider",
            .socket_path = client.socket_path()};
  const ServiceStatus status = TRY(during(task, client.status()));
  if (std::ranges::find(status.providers, word, &ProviderStatus::name) != status.providers.end())
    return word;
  const Outcome<ProviderId> id = provider_from(word);
  const auto found = std::ranges::find_if(status.providers, [&](const ProviderStatus& provider) {
    return id && provider.id == std::to_underlying(*id);
  });
  return found != status.providers.end() ? found->name : word;
}

Outcome<> control(const Invocation& invocation, ProviderAction action, std::string_view doing) {
  Client client = TRY(invocation.open_client());
  const std::string name = TRY(name_of(client, invocation.arguments.positional(0).value_or("")));
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
