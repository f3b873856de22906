// strongroom key unwrap
#include <array>

#include "client/cli/commands/data/permitted.h"
#include "client/cli/commands/key/attributes.h"
#include "client/cli/commands/key/wrapping.h"

namespace strongroom::cli {
namespace {

constexpr std::array kOptions = {
    kWithOption, kTypeOption, kAlgorithmOption, kUsageOption, kDrawnNonceOption, kDataInOption,
};
constexpr std::array kPositionals = {
    Positional{"NAME", Positional::Need::Required, "what to call the key"},
    Positional{"FILE", Positional::Need::Optional, "a wrapped key; else standard input", kFiles},
};

Outcome<> run(const Invocation& invocation) {
  psa::KeyAttributes attributes = TRY(attributes_from(invocation.arguments));
  std::string name = invocation.arguments.positional(0).value_or("");
  WrappingKey with = TRY(wrapping_key(invocation, Task::Kind::Unwrap, "unwrapping key", name));
  SecretBytes wrapped = TRY(read_data(invocation));
  return during(with.key.task, with.key.holder.unwrap_key(name, attributes, with.key.name,
                                                          with.algorithm, wrapped));
}

}  // namespace

const Command kKeyUnwrap = {
    .words = "key unwrap",
    .summary = "put a key into a provider that was encrypted under another key",
    .options = kOptions,
    .positionals = kPositionals,
    .run = run,
};

}  // namespace strongroom::cli
