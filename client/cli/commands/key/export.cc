// strongroom key export
#include <array>

#include "client/cli/command.h"
#include "client/cli/commands/key_lookup.h"
#include "client/cli/format/input_output.h"

namespace strongroom::cli {
namespace {

constexpr std::array kOptions = {
    Option{"out-format", "FORMAT",
           "raw (as the service gives it: RSAPrivateKey in DER, scalar, bytes), hex or base64; raw "
           "by default"},
    kForceOption,
};
constexpr std::array kPositionals = {
    Positional{"NAME", Positional::Need::Required, "the key"},
    Positional{"FILE", Positional::Need::Optional, "where to, else standard output"},
};

Outcome<> run(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  Encoding encoding = TRY(encoding_from(arguments.value("out-format")));
  if (encoding == Encoding::Pem || encoding == Encoding::Der)
    return failed(ExitCode::NotSupported, "exporting a key: it is written raw, hex or base64 only");
  std::string name = arguments.positional(0).value_or("");
  Client client = TRY(invocation.open_client());
  Task task = task_for_key(Task::Kind::Export, "exporting key", name, client);
  Client holder = TRY(client_for_key(invocation, std::move(client), name, task));
  SecretBytes data = TRY(during(task, holder.export_key(name)));
  Output output{.file = arguments.positional(1), .encoding = encoding, .secrecy = Secrecy::Secret};
  return write_output(invocation, output, data);
}

}  // namespace

const Command kKeyExport = {
    .words = "key export",
    .summary = "take out a key that permits it, private part included",
    .options = kOptions,
    .positionals = kPositionals,
    .run = run,
};

}  // namespace strongroom::cli
