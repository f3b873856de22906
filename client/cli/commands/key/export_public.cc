// strongroom key export-public
#include <array>

#include "client/cli/command.h"
#include "client/cli/commands/key_lookup.h"
#include "client/cli/format/input_output.h"
#include "client/cli/keys/openssh.h"
#include "client/cli/keys/pem.h"
#include "client/cli/keys/public_key.h"

namespace strongroom::cli {
namespace {

constexpr std::array kOptions = {
    Option{"out-format", "FORMAT",
           "pem or der (SubjectPublicKeyInfo, for openssl), openssh (a line of authorized_keys), "
           "raw (RSAPublicKey, point), hex or base64 of raw; pem by default"},
    kForceOption,
};
constexpr std::array kPositionals = {
    Positional{"NAME", Positional::Need::Required, "the key"},
    Positional{"FILE", Positional::Need::Optional, "where to, else standard output"},
};

struct Format {
  Encoding encoding;  // Pem: of any text
  bool is_ssh;
};

Outcome<Format> format_from(const std::optional<std::string>& name) {
  if (name == "openssh") return Format{.encoding = Encoding::Pem, .is_ssh = true};
  Encoding encoding = TRY(encoding_from(name));
  return Format{.encoding = encoding == Encoding::Native ? Encoding::Pem : encoding,
                .is_ssh = false};
}

Outcome<Bytes> formatted(const KeyInfo& key, const Format& format, Bytes exported) {
  const psa::KeyAttributes& attributes = key.attributes;
  if (format.is_ssh) {
    std::string line = TRY(ssh_public_key(attributes.type, attributes.bits, exported, key.name));
    return bytes_of(line);
  }
  if (format.encoding != Encoding::Pem && format.encoding != Encoding::Der) return exported;
  Bytes der = TRY(public_key_info(attributes.type, attributes.bits, exported));
  if (format.encoding == Encoding::Der) return der;
  SecretBytes pem = to_pem("PUBLIC KEY", der);
  return copy_of(pem);
}

Outcome<> run(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  Format format = TRY(format_from(arguments.value("out-format")));
  std::string name = arguments.positional(0).value_or("");
  Client client = TRY(invocation.open_client());
  Task task =
      task_for_key(Task::Kind::ExportPublic, "exporting the public part of key", name, client);
  KeyInfo key = TRY(find_key(invocation, client, name, task));
  Client holder = client.with_provider(key.provider);
  Bytes exported = TRY(during(task, holder.export_public_key(name)));
  Bytes bytes = TRY(formatted(key, format, std::move(exported)));
  Output output{.file = arguments.positional(1), .encoding = format.encoding};
  return write_output(invocation, output, bytes);
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
