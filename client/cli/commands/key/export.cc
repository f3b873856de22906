// strongroom key export
#include <array>

#include "client/cli/command.h"
#include "client/cli/commands/key_lookup.h"
#include "client/cli/format/input_output.h"
#include "client/cli/keys/pem.h"
#include "client/cli/keys/private_key.h"
#include "client/cli/keys/public_key.h"

namespace strongroom::cli {
namespace {

constexpr std::array kOptions = {
    Option{"out-format", "FORMAT",
           "pem or der (PKCS#8, for openssl), raw (RSAPrivateKey, scalar, bytes of a cipher's "
           "key), hex or base64 of raw; by default pem, and raw for ciphers' keys",
           one_of(key_formats)},
    kOutputOption,
    Option{"force", "", "write even to a terminal"},
};
constexpr std::array kPositionals = {
    kKeyPositional,
    Positional{"FILE", Positional::Need::Optional, "where to, with mode 0600; else standard output",
               kFiles},
};

Encoding encoding_for(Encoding chosen, const psa::KeyType& type) {
  if (chosen != Encoding::Native) return chosen;
  return type.is_rsa() || type.is_ecc() ? Encoding::Pem : Encoding::Raw;
}

// PKCS#8 of a pair, SubjectPublicKeyInfo of a public key.
Outcome<SecretBytes> der_of(Client& holder, const std::string& name, const KeyMaterial& key) {
  if (key.type.is_public_key()) {
    Bytes info = TRY(public_key_info(key.type, key.bits, key.data));
    return SecretBytes(info.begin(), info.end());
  }
  Bytes point;
  if (ClientResult<Bytes> exported = holder.export_public_key(name)) point = *std::move(exported);
  return private_key_info(key, point);
}

Outcome<SecretBytes> encoded(Client& holder, const std::string& name, KeyMaterial key,
                             Encoding encoding) {
  if (encoding != Encoding::Pem && encoding != Encoding::Der) return std::move(key.data);
  SecretBytes der = TRY(der_of(holder, name, key));
  if (encoding == Encoding::Der) return der;
  return to_pem(key.type.is_public_key() ? "PUBLIC KEY" : "PRIVATE KEY", der);
}

Outcome<> run(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  Encoding chosen = encoding_from(arguments.value("out-format"));
  std::optional<std::string> file = TRY(output_file(arguments, 1));
  KeyInUse found = TRY(key_in_use(invocation, Task::Kind::Export, "exporting key"));
  SecretBytes data = TRY(during(found.task, found.holder.export_key(found.name)));
  const psa::KeyAttributes& attributes = found.info.attributes;
  KeyMaterial key{.type = attributes.type, .bits = attributes.bits, .data = std::move(data)};
  Encoding encoding = encoding_for(chosen, key.type);
  SecretBytes bytes = TRY(encoded(found.holder, found.name, std::move(key), encoding));
  Output output{.file = std::move(file), .encoding = encoding, .secrecy = Secrecy::Hidden};
  return write_output(invocation, output, bytes);
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
