// strongroom providers
#include <fmt/format.h>

#include "client/cli/command.h"
#include "client/cli/format/names.h"
#include "client/cli/record/table.h"

namespace strongroom::cli {
namespace {

Outcome<> run(const Invocation& invocation) {
  Client client = TRY(invocation.open_client());
  Task task{.doing = "listing the providers", .socket_path = client.socket_path()};
  std::vector<ProviderInfo> providers = TRY(during(task, client.list_providers()));
  Table table({
      {"id", "ID"},
      {"name", "NAME"},
      {"uuid", "UUID"},
      {"version", "VERSION"},
      {"vendor", "VENDOR"},
      {"description", "DESCRIPTION"},
  });
  for (const ProviderInfo& provider : providers)
    table.add({std::int64_t{std::to_underlying(provider.id)}, provider_name(provider.id),
               provider.uuid,
               fmt::format("{}.{}.{}", provider.version.major_number, provider.version.minor_number,
                           provider.version.revision),
               provider.vendor, provider.description});
  invocation.print_list(table);
  return {};
}

}  // namespace

const Command kProviders = {
    .words = "providers",
    .summary = "list the providers, the preferred one first",
    .options = {},
    .positionals = {},
    .run = run,
};

}  // namespace strongroom::cli
