// strongroom verify
#include <array>
#include <ostream>

#include "client/cli/command.h"
#include "client/cli/commands/data/signing_key.h"
#include "client/cli/format/digest.h"
#include "client/cli/format/input_output.h"
#include "client/cli/format/signature.h"

namespace strongroom::cli {
namespace {

constexpr std::size_t kMostSignatureBytes = std::size_t{16} * 1024;

constexpr std::array kOptions = {
    Option{"signature", "FILE", "the signature; - is standard input"},
    Option{"hash", "NAME", "the hash, where the key leaves it open: sha256, sha384, sha512 …"},
    Option{"in-format", "FORMAT",
           "of the signature: der (as openssl has it; by default), raw, hex or base64 of der"},
};
constexpr std::array kPositionals = {
    Positional{"NAME", Positional::Need::Required, "the key"},
    Positional{"FILE", Positional::Need::Optional, "what was signed, else standard input"},
};

bool is_standard_input(const std::optional<std::string>& file) {
  return !file || *file == "-";
}

Outcome<> check_sources(const Arguments& arguments) {
  std::optional<std::string> signature = arguments.value("signature");
  if (!signature)
    return failed(ExitCode::Usage, "reading the command line: --signature is missing");
  if (is_standard_input(signature) && is_standard_input(arguments.positional(1)))
    return failed(ExitCode::Usage,
                  "reading the command line: signature and message cannot both be standard input");
  return {};
}

Outcome<Bytes> read_signature(const Invocation& invocation, const SigningKey& key) {
  const Arguments& arguments = invocation.arguments;
  Encoding encoding = TRY(encoding_from(arguments.value("in-format")));
  if (encoding == Encoding::Pem)
    return failed(ExitCode::NotSupported, "reading the signature: there is no PEM for signatures");
  SecretBytes input =
      TRY(read_all(arguments.value("signature"), invocation.streams, kMostSignatureBytes));
  SecretBytes bytes = TRY(decoded(std::move(input), encoding));
  if (!key.is_ecdsa() || encoding == Encoding::Raw) return copy_of(bytes);
  const psa::KeyAttributes& attributes = key.info.attributes;
  return ecdsa_from_der(bytes, ecdsa_scalar_size(attributes.type, attributes.bits));
}

Outcome<> run(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  TRY(check_sources(arguments));
  std::string name = arguments.positional(0).value_or("");
  Client client = TRY(invocation.open_client());
  Task task = task_for_key(Task::Kind::Verify, "verifying with key", name, client);
  SigningKey key = TRY(find_signing_key(invocation, client, name, task));
  Bytes signature = TRY(read_signature(invocation, key));
  Signable input = TRY(
      signable(key.policy, arguments.value("hash"), arguments.positional(1), invocation.streams));
  Client holder = client.with_provider(key.info.provider);
  TRY(during(task, holder.verify_hash(name, input.algorithm, input.digest, signature)));
  invocation.streams.out << "Verified OK\n";
  return {};
}

}  // namespace

const Command kVerify = {
    .words = "verify",
    .summary = "check a signature with the public part of a key",
    .options = kOptions,
    .positionals = kPositionals,
    .run = run,
};

}  // namespace strongroom::cli
