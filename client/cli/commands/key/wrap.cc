// strongroom key wrap
#include <array>

#include "client/cli/commands/data/permitted.h"
#include "client/cli/commands/key/wrapping.h"

namespace strongroom::cli {
namespace {

constexpr std::array kOptions = {
    kWithOption,
    kDataOutOption,
    kOutputOption,
    kForceOption,
};
constexpr std::array kPositionals = {
    Positional{"NAME", Positional::Need::Required, "the key to wrap, which permits export", kKeys},
    Positional{"FILE", Positional::Need::Optional, "where to, else standard output", kFiles},
};

Outcome<> run(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  std::string name = arguments.positional(0).value_or("");
  std::optional<std::string> file = TRY(output_file(arguments, 1));
  WrappingKey with = TRY(wrapping_key(invocation, Task::Kind::Wrap, "wrapping key", name));
  Bytes wrapped =
      TRY(during(with.key.task, with.key.holder.wrap_key(name, with.key.name, with.algorithm)));
  Encoding encoding = data_encoding(arguments.value("out-format"), Encoding::Raw);
  return write_output(invocation, {.file = std::move(file), .encoding = encoding}, wrapped);
}

}  // namespace

const Command kKeyWrap = {
    .words = "key wrap",
    .summary = "take out a key that permits it, encrypted under another key",
    .options = kOptions,
    .positionals = kPositionals,
    .run = run,
};

}  // namespace strongroom::cli
