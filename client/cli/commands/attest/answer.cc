// strongroom attest answer
#include <array>

#include "client/cli/commands/attest/attesting.h"

namespace strongroom::cli {
namespace {

constexpr std::array kOptions = {
    kOutputOption,
    kForceOption,
};
constexpr std::array kPositionals = {
    Positional{"CHALLENGE", Positional::Need::Required, "what 'attest challenge' wrote", kFiles},
    Positional{"NAME", Positional::Need::Optional,
               "the key that was identified; without one, the attestation key", kKeys},
};

Outcome<SecretBytes> opened_for_key(const Invocation& invocation, const std::string& name,
                                    const attestation::Challenge& challenge) {
  KeyInUse key =
      TRY(key_in_use(invocation, Task::Kind::Attest, "answering the challenge for key", name));
  return during(key.task, key.holder.call(requests::attest_key(key.name, challenge.credential,
                                                               challenge.secret)));
}

Outcome<SecretBytes> opened_for_provider(const Invocation& invocation,
                                         const attestation::Challenge& challenge) {
  Client client = TRY(invocation.open_client());
  return during(
      attesting("answering the challenge", client),
      client.call(requests::attest_attestation_key(challenge.credential, challenge.secret),
                  on_tpm(invocation)));
}

Outcome<> run(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  auto challenge =
      TRY(read_parts(invocation, arguments.positional(0), &attestation::challenge_in, "challenge"));
  auto name = arguments.positional(1);
  SecretBytes secret = TRY(name ? opened_for_key(invocation, *name, challenge)
                                : opened_for_provider(invocation, challenge));
  return write_output(
      invocation,
      {.file = arguments.value("output"), .encoding = Encoding::Raw, .secrecy = Secrecy::Secret},
      secret);
}

}  // namespace

const Command kAttestAnswer = {
    .words = "attest answer",
    .summary = "have the TPM open a challenge, and write the secret in it",
    .options = kOptions,
    .positionals = kPositionals,
    .run = run,
};

}  // namespace strongroom::cli
