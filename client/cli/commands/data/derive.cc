// strongroom derive
#include <array>

#include "client/cli/commands/data/permitted.h"
#include "client/cli/format/peer_key.h"

namespace strongroom::cli {
namespace {

constexpr std::size_t kMostPeerBytes = std::size_t{64} * 1024;

constexpr std::array kOptions = {
    Option{"in-format", "FORMAT",
           "of the peer's key: pem or der (SubjectPublicKeyInfo), raw (a point), hex or base64 of "
           "raw; by default what it looks like",
           one_of(key_formats)},
    kDataOutOption,
    kOutputOption,
    Option{"force", "", "write the secret even to a terminal"},
};
constexpr std::array kPositionals = {
    kKeyPositional,
    Positional{"FILE", Positional::Need::Optional, "the peer's public key, else standard input",
               kFiles},
};

Outcome<> run(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  Encoding encoding = encoding_from(arguments.value("in-format"));
  KeyInUse key = TRY(key_in_use(invocation, Task::Kind::Derive, "agreeing with key"));
  psa::KeyAgreement policy = TRY(permitted<psa::KeyAgreement>(
      key, "generate one with --type ecc-p256 --algorithm ecdh, for example"));
  if (policy.derivation)
    return permits_another(key.task.doing, policy,
                           "'strongroom key derive --from' makes a key out of what it agrees on");
  SecretBytes input = TRY(read_all(arguments.positional(1), invocation.streams, kMostPeerBytes));
  Bytes peer = TRY(peer_public_key(input, encoding));
  SecretBytes secret =
      TRY(during(key.task, key.holder.raw_key_agreement(key.name, policy.raw, peer)));
  return write_data(invocation, secret, Secrecy::Hidden);
}

}  // namespace

const Command kDerive = {
    .words = "derive",
    .summary = "agree on a secret with the owner of a public key (ECDH, without derivation)",
    .options = kOptions,
    .positionals = kPositionals,
    .run = run,
};

}  // namespace strongroom::cli
