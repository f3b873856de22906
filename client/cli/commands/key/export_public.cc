// strongroom key export-public
#include <array>

#include "client/cli/command.h"
#include "client/cli/commands/key_lookup.h"
#include "client/cli/format/input_output.h"
#include "client/cli/keys/pem.h"
#include "client/cli/keys/public_key.h"

namespace strongroom::cli {
namespace {

constexpr std::array kOptions = {
    Option{"out-format", "FORMAT",
           "pem or der (SubjectPublicKeyInfo, for openssl), raw (RSAPublicKey, point), hex or "
           "base64 of raw; pem by default"},
    kForceOption,
};
constexpr std::array kPositionals = {
    Positional{"NAME", Positional::Need::Required, "the key"},
    Positional{"FILE", Positional::Need::Optional, "where to, else standard output"},
};

Outcome<Bytes> formatted(const KeyInfo& key, Encoding encoding, Bytes exported) {
  if (encoding != Encoding::Pem && encoding != Encoding::Der) return exported;
  Bytes der = TRY(public_key_info(key.attributes.type, key.attributes.bits, exported));
  if (encoding == Encoding::Der) return der;
  SecretBytes pem = to_pem("PUBLIC KEY", der);
  return copy_of(pem);
}

Outcome<> run(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  Encoding encoding = TRY(encoding_from(arguments.value("out-format")));
  if (encoding == Encoding::Native) encoding = Encoding::Pem;
  std::string name = arguments.positional(0).value_or("");
  Client client = TRY(invocation.open_client());
  Task task =
      task_for_key(Task::Kind::ExportPublic, "exporting the public part of key", name, client);
  KeyInfo key = TRY(find_key(invocation, client, name, task));
  Client holder = client.with_provider(key.provider);
  Bytes exported = TRY(during(task, holder.export_public_key(name)));
  Bytes bytes = TRY(formatted(key, encoding, std::move(exported)));
  return write_output(invocation, {.file = arguments.positional(1), .encoding = encoding}, bytes);
}

}  // namespace

const Command kKeyExportPublic = {
    .words = "key export-public",
    .summary = "write the public part of a key pair",
    .options = kOptions,
    .positionals = kPositionals,
    .run = run,
};

}  // namespace strongroom::cli
