// strongroom sign
#include <array>

#include "client/cli/command.h"
#include "client/cli/commands/data/signing.h"
#include "client/cli/commands/key_lookup.h"
#include "client/cli/format/input_output.h"
#include "client/cli/format/signature.h"

namespace strongroom::cli {
namespace {

constexpr std::array kOptions = {
    Option{"hash", "NAME", "the hash, where the key leaves it open: sha256, sha384, sha512 …"},
    kDigestOption,
    Option{"out-format", "FORMAT",
           "der (as openssl has it; by default), raw (of ECDSA r and s, one behind the other), hex "
           "or base64 of der"},
    Option{"output", "FILE", "where to write the signature, else standard output"},
    kForceOption,
};
constexpr std::array kPositionals = {
    Positional{"NAME", Positional::Need::Required, "the key"},
    Positional{"FILE", Positional::Need::Optional, "what to sign, else standard input"},
};

Outcome<> run(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  Encoding encoding = TRY(encoding_from(arguments.value("out-format")));
  if (encoding == Encoding::Pem)
    return failed(ExitCode::NotSupported, "writing the signature: there is no PEM for signatures");
  std::string name = arguments.positional(0).value_or("");
  Client client = TRY(invocation.open_client());
  Task task = task_for_key(Task::Kind::Sign, "signing with key", name, client);
  SigningKey key = TRY(find_signing_key(invocation, client, name, task));
  Signable input = TRY(signable(invocation, key, arguments.positional(1), Direction::Sign));
  Client holder = client.with_provider(key.info.provider);
  Bytes raw = TRY(during(task, sign_with(holder, key, input)));
  bool wants_der = key.is_ecdsa() && encoding != Encoding::Raw;
  auto signature = TRY(wants_der ? ecdsa_to_der(raw) : std::move(raw));
  return write_output(invocation, {.file = arguments.value("output"), .encoding = encoding},
                      signature);
}

}  // namespace

const Command kSign = {
    .words = "sign",
    .summary = "hash a file here and have a key sign the digest",
    .options = kOptions,
    .positionals = kPositionals,
    .run = run,
};

}  // namespace strongroom::cli
