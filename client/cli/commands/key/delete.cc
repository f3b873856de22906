// strongroom key delete
#include <algorithm>
#include <array>
#include <utility>

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

// Of a key in a device, which the service has forgotten by then; nothing for other failures.
std::string_view what_came_of_it(Status status) {
  switch (status) {
    case Status::PsaErrorHardwareFailure:
    case Status::PsaErrorCommunicationFailure:
    case Status::PsaErrorInsufficientMemory:
      return "its device does not serve now, and destroys it once it does";
    case Status::PsaErrorDoesNotExist: return "its device did not have it any more";
    case Status::PsaErrorDataCorrupt: return "its device has another key in its place, which stays";
    default: return {};
  }
}

bool is_listed(Client& client, const std::string& name) {
  const auto keys = client.list_keys();
  return !keys || std::ranges::find(*keys, name, &KeyInfo::name) != keys->end();
}

Outcome<> destroy(Client& holder, const std::string& name, const Task& task) {
  const ClientResult<> destroyed = holder.destroy_key(name);
  if (destroyed) return {};
  const ClientError& error = destroyed.error();
  const std::string_view rest = what_came_of_it(error.status());
  const bool is_told = error.source() == ErrorSource::Service && !rest.empty();
  if (!is_told || !task.is_listed || is_listed(holder, name))
    return std::unexpected(explain(error, task));
  return failed(exit_code_of(error),
                fmt::format("{}: it is deleted; {} ({}, {})", task.doing, rest,
                            to_string(error.status()), std::to_underlying(error.status())),
                "nobody can use it any more, and its name is free");
}

Outcome<> run(const Invocation& invocation) {
  std::string name = invocation.arguments.positional(0).value_or("");
  Client client = TRY(invocation.open_client());
  Task task = task_for_key(Task::Kind::Delete, "deleting key", name, client);
  Client holder = TRY(client_for_key(invocation, std::move(client), name, task));
  // Scripts go on as they are; who types is asked.
  if (invocation.streams.in_is_terminal)
    TRY(invocation.confirm(
        fmt::format("Key '{}' will be destroyed; it cannot be brought back.", visible(name))));
  return destroy(holder, name, task);
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
