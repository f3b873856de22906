// strongroom key import
#include <array>

#include "client/cli/command.h"
#include "client/cli/commands/key_lookup.h"
#include "client/cli/format/input_output.h"
#include "client/cli/keys/imported_attributes.h"
#include "client/cli/keys/key_input.h"
#include "client/cli/keys/passphrase.h"

namespace strongroom::cli {
namespace {

constexpr std::array kOptions = {
    Option{"in-format", "FORMAT",
           "pem, der, raw, hex or base64; PEM, DER and OpenSSH public keys are recognized, the "
           "others need --type",
           one_of(key_formats)},
    kTypeOption,
    kAlgorithmOption,
    kUsageOption,
    kDrawnNonceOption,
    kPassphraseFileOption,
};
constexpr std::array kPositionals = {
    Positional{"NAME", Positional::Need::Required, "what to call the key"},
    Positional{"FILE", Positional::Need::Optional,
               "a private key, public key or certificate; else standard input", kFiles},
};

Outcome<KeyInput> input_from(const Arguments& arguments) {
  Encoding encoding = encoding_from(arguments.value("in-format"));
  KeyInput input{.file = arguments.positional(1), .encoding = encoding, .type = {}};
  if (std::optional<std::string> name = arguments.value("type")) {
    TypeAndSize type = TRY(type_from(*name));
    input.type = type;
  }
  return input;
}

Outcome<> run(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  KeyInput input = TRY(input_from(arguments));
  KeyMaterial key = TRY(read_key_file(invocation, input));
  psa::KeyAttributes attributes = TRY(imported_attributes(arguments, input, key));
  std::string name = arguments.positional(0).value_or("");
  Client client = TRY(invocation.open_client());
  Task task = task_for_key(Task::Kind::Import, "importing key", name, client);
  return during(task, client.import_key(name, attributes, key.data));
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
