// strongroom key generate
#include <array>

#include "client/cli/command.h"
#include "client/cli/commands/key/attributes.h"
#include "client/cli/commands/key_lookup.h"
#include "client/cli/terminal/progress.h"

namespace strongroom::cli {
namespace {

constexpr std::array kOptions = {kTypeOption, kAlgorithmOption, kUsageOption, kDrawnNonceOption};
constexpr std::array kPositionals = {
    Positional{"NAME", Positional::Need::Required, "what to call the key"},
};

Outcome<> run(const Invocation& invocation) {
  psa::KeyAttributes attributes = TRY(attributes_from(invocation.arguments));
  std::string name = invocation.arguments.positional(0).value_or("");
  Client client = TRY(invocation.open_client());
  Task task = task_for_key(Task::Kind::Generate, "generating key", name, client);
  Spinner spinner(invocation.streams, task.doing);
  return during(task, client.generate_key(name, attributes));
}

}  // namespace

const Command kKeyGenerate = {
    .words = "key generate",
    .summary = "make a new key inside a provider",
    .options = kOptions,
    .positionals = kPositionals,
    .run = run,
};

}  // namespace strongroom::cli
