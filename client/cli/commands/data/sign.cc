// strongroom sign
#include <array>

#include "client/cli/command.h"
#include "client/cli/commands/data/signing.h"
#include "client/cli/format/input_output.h"
#include "client/cli/format/signature.h"

namespace strongroom::cli {
namespace {

constexpr std::array kOptions = {
    Option{"hash", "NAME", "the hash, where the key leaves it open: sha256, sha384, sha512 …",
           such_as(hash_names)},
    kDigestOption,
    Option{"out-format", "FORMAT",
           "der (as openssl has it; by default), raw (of ECDSA r and s, one behind the other), hex "
           "or base64 of der",
           one_of(signature_formats)},
    Option{"output", "FILE", "where to write the signature, else standard output", kFiles},
    kForceOption,
};
constexpr std::array kPositionals = {
    kKeyPositional,
    Positional{"FILE", Positional::Need::Optional, "what to sign, else standard input", kFiles},
};

Outcome<> run(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  Encoding encoding = encoding_from(arguments.value("out-format"));
  KeyInUse found = TRY(key_in_use(invocation, Task::Kind::Sign, "signing with key"));
  SigningKey key = TRY(signing_key(found));
  Signable input = TRY(signable(invocation, key, arguments.positional(1), Direction::Sign));
  Bytes raw = TRY(during(found.task, sign_with(found.holder, key, input)));
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
