// strongroom attest challenge
#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <openssl/rand.h>

#include "client/cli/commands/attest/attesting.h"
#include "client/cli/keys/key_input.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

constexpr std::size_t kSecretSize = 32;

constexpr std::array kOptions = {
    Option{"endorsement-key", "FILE",
           "the TPM's endorsement key, as its maker's certificate or a list of yours has it",
           kFiles},
    Option{"secret", "FILE", "where the secret goes that the TPM has to find out", kFiles},
    Option{"application-key", "", "the identity is of an application's key, made in the TPM"},
    kOutputOption,
};
constexpr std::array kPositionals = {
    Positional{"IDENTITY", Positional::Need::Required, "what 'attest identify' wrote", kFiles},
    Positional{"FILE", Positional::Need::Optional, "where to, else standard output", kFiles},
};

Outcome<std::string> needed(const Arguments& arguments, std::string_view option,
                            std::string_view advice) {
  auto value = arguments.value(option);
  if (value) return *std::move(value);
  return failed(ExitCode::Usage, fmt::format("reading the command line: --{} is missing", option),
                std::string(advice));
}

// That it is the TPM it is taken for, nobody else can say.
Outcome<> check_endorsement_key(const Invocation& invocation,
                                const attestation::Identity& identity) {
  std::string file =
      TRY(needed(invocation.arguments, "endorsement-key",
                 "without it, anybody's software could be what answers; 'tpm2_getekcertificate', "
                 "or whoever set the machine up, has it"));
  KeyMaterial known = TRY(read_key_file(
      invocation, {.file = std::move(file), .encoding = Encoding::Native, .type = {}}));
  bool is_it = known.type.kind == psa::KeyType::Kind::RsaPublicKey &&
               std::ranges::equal(known.data, identity.endorsement_key);
  if (is_it) return {};
  return failed(ExitCode::BadSignature,
                "comparing endorsement keys: that of the identity is not that of "
                "--endorsement-key",
                "the identity comes from another TPM, or from no TPM");
}

Outcome<SecretBytes> random_secret() {
  SecretBytes secret(kSecretSize);
  if (RAND_bytes(octets(MutableByteView(secret)), static_cast<int>(secret.size())) != 1)
    return failed(ExitCode::Other, "drawing a secret: libcrypto has no random bytes");
  return secret;
}

Outcome<> run(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  std::string secret_file = TRY(needed(arguments, "secret", "what comes back is compared with it"));
  auto identity =
      TRY(read_parts(invocation, arguments.positional(0), &attestation::identity_in, "identity"));
  TRY(check_endorsement_key(invocation, identity));
  SecretBytes secret = TRY(random_secret());
  const auto role = arguments.has("application-key") ? attestation::KeyRole::ApplicationKey
                                                     : attestation::KeyRole::AttestationKey;
  auto challenge = attestation::challenge(identity, role, secret);
  if (!challenge) return std::unexpected(not_verified("judging the identity", challenge.error()));
  TRY(write_output(
      invocation,
      {.file = std::move(secret_file), .encoding = Encoding::Raw, .secrecy = Secrecy::Secret},
      secret));
  return write_text(invocation, 1, to_text(*challenge));
}

}  // namespace

const Command kAttestChallenge = {
    .words = "attest challenge",
    .summary = "make what only one TPM can open, and only if it has a key; needs no service",
    .options = kOptions,
    .positionals = kPositionals,
    .run = run,
};

}  // namespace strongroom::cli
