// strongroom key import
#include <array>

#include "client/cli/command.h"
#include "client/cli/commands/key/attributes.h"
#include "client/cli/commands/key_lookup.h"
#include "client/cli/format/input_output.h"

namespace strongroom::cli {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} * 1024;

constexpr std::array kOptions = {
    kTypeOption,
    kAlgorithmOption,
    kUsageOption,
    Option{"in-format", "FORMAT",
           "raw (bytes of a symmetric key, scalar of an ECC key), der (RSAPrivateKey), hex or "
           "base64 of these"},
};
constexpr std::array kPositionals = {
    Positional{"NAME", Positional::Need::Required, "what to call the key"},
    Positional{"FILE", Positional::Need::Optional, "the key's data, else standard input"},
};

Outcome<> run(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  psa::KeyAttributes attributes = TRY(attributes_from(arguments));
  Encoding encoding = TRY(encoding_from(arguments.value("in-format")));
  if (encoding == Encoding::Pem)
    return failed(ExitCode::NotSupported, "importing a key: PEM is not read",
                  "give an RSAPrivateKey as der, or the scalar of an ECC key as raw or hex");
  std::string name = arguments.positional(0).value_or("");
  SecretBytes input = TRY(read_all(arguments.positional(1), invocation.streams, kMostBytes));
  SecretBytes data = TRY(decoded(std::move(input), encoding));
  Client client = TRY(invocation.open_client());
  Task task = task_for_key(Task::Kind::Import, "importing key", name, client);
  return during(task, client.import_key(name, attributes, data));
}

}  // namespace

const Command kKeyImport = {
    .words = "key import",
    .summary = "put a key that you have into a provider",
    .options = kOptions,
    .positionals = kPositionals,
    .run = run,
};

}  // namespace strongroom::cli
