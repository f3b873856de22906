// strongroom ping
#include <chrono>

#include <fmt/format.h>

#include "client/cli/command.h"
#include "client/cli/record/table.h"

namespace strongroom::cli {
namespace {

Outcome<> run(const Invocation& invocation) {
  Client client = TRY(invocation.open_client());
  Task task{.doing = "pinging the service", .socket_path = client.socket_path()};
  auto start = std::chrono::steady_clock::now();
  WireVersion version = TRY(during(task, client.ping()));
  std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start;
  Table table({
      {"socket", "socket"},
      {"wire_protocol", "wire protocol"},
      {"milliseconds", "milliseconds"},
  });
  table.add({client.socket_path(), fmt::format("{}.{}", version.major_number, version.minor_number),
             elapsed.count()});
  invocation.print_record(table);
  return {};
}

}  // namespace

const Command kPing = {
    .words = "ping",
    .summary = "ask whether the service answers, and how fast",
    .options = {},
    .positionals = {},
    .run = run,
};

}  // namespace strongroom::cli
