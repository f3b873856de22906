// strongroom attest certify
#include <array>

#include "client/cli/commands/attest/attesting.h"

namespace strongroom::cli {
namespace {

constexpr std::array kOptions = {
    kNonceOption,
    kOutputOption,
};
constexpr std::array kPositionals = {
    kKeyPositional,
    Positional{"FILE", Positional::Need::Optional, "where to, else standard output", kFiles},
};

Outcome<> run(const Invocation& invocation) {
  SecretBytes nonce = TRY(nonce_from(invocation.arguments));
  KeyInUse key = TRY(key_in_use(invocation, Task::Kind::Attest, "certifying key"));
  KeyCertificate made =
      TRY(during(key.task, key.holder.call(requests::certify_key(key.name, nonce))));
  const attestation::Evidence evidence{.attest = std::move(made.statement.attest),
                                       .signature = std::move(made.statement.signature),
                                       .attestation_key = std::move(made.statement.attestation_key),
                                       .key = std::move(made.public_area),
                                       .registers = {}};
  return write_text(invocation, 1, to_text(evidence));
}

}  // namespace

const Command kAttestCertify = {
    .words = "attest certify",
    .summary = "have the TPM state that it holds a key, for who does not trust this machine",
    .options = kOptions,
    .positionals = kPositionals,
    .run = run,
};

}  // namespace strongroom::cli
