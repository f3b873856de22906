// strongroom attest identify
#include <array>

#include "client/cli/commands/attest/attesting.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

constexpr std::array kOptions = {
    kOutputOption,
};
constexpr std::array kPositionals = {
    Positional{"NAME", Positional::Need::Optional,
               "a key; without one, the attestation key of the provider", kKeys},
};

Outcome<AttestationIdentity> identity_of_key(const Invocation& invocation) {
  KeyInUse key = TRY(key_in_use(invocation, Task::Kind::Attest, "identifying key"));
  return during(key.task, key.holder.call(requests::prepare_key_attestation(key.name)));
}

Outcome<AttestationIdentity> identity_of_provider(const Invocation& invocation) {
  Client client = TRY(invocation.open_client());
  return during(attesting("identifying the attestation key", client),
                client.call(requests::prepare_attestation_key(), on_tpm(invocation)));
}

Outcome<> run(const Invocation& invocation) {
  bool is_of_key = invocation.arguments.positional(0).has_value();
  AttestationIdentity identity =
      TRY(is_of_key ? identity_of_key(invocation) : identity_of_provider(invocation));
  const attestation::Identity written{.name = std::move(identity.name),
                                      .key = std::move(identity.public_area),
                                      .endorsement_key = std::move(identity.endorsement_key)};
  return write_text(invocation, 1, to_text(written));
}

}  // namespace

const Command kAttestIdentify = {
    .words = "attest identify",
    .summary = "write what a verifier needs to challenge a TPM about one of its keys",
    .options = kOptions,
    .positionals = kPositionals,
    .run = run,
};

}  // namespace strongroom::cli
