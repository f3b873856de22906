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
           "raw (RSAPublicKey, point), hex or base64 of raw; pem by default",
           one_of(public_key_formats)},
    kOutputOption,
    kForceOption,
};
constexpr std::array kPositionals = {
    kKeyPositional,
    Positional{"FILE", Positional::Need::Optional, "where to, else standard output", kFiles},
};

struct Format {
  Encoding encoding;  // Pem: of any text
  bool is_ssh;
};

Format format_from(const std::optional<std::string>& name) {
  if (name == "openssh") return {.encoding = Encoding::Pem, .is_ssh = true};
  Encoding encoding = encoding_from(name);
  return {.encoding = encoding == Encoding::Native ? Encoding::Pem : encoding, .is_ssh = false};
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
  Format format = format_from(arguments.value("out-format"));
  std::optional<std::string> file = TRY(output_file(arguments, 1));
  KeyInUse key =
      TRY(key_in_use(invocation, Task::Kind::ExportPublic, "exporting the public part of key"));
  Bytes exported = TRY(during(key.task, key.holder.export_public_key(key.name)));
  Bytes bytes = TRY(formatted(key.info, format, std::move(exported)));
  Output output{.file = std::move(file), .encoding = format.encoding};
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
