// strongroom attest quote
#include <array>

#include "client/cli/commands/attest/attesting.h"

namespace strongroom::cli {
namespace {

constexpr std::array kOptions = {
    kPcrsOption,
    kNonceOption,
    kOutputOption,
};
constexpr std::array kPositionals = {
    Positional{"FILE", Positional::Need::Optional, "where to, else standard output", kFiles},
};

psa::Hash hash_of(attestation::PcrBank bank) {
  switch (bank) {
    case attestation::PcrBank::Sha1: return psa::Hash::Sha1;
    case attestation::PcrBank::Sha256: return psa::Hash::Sha256;
    case attestation::PcrBank::Sha384: return psa::Hash::Sha384;
    case attestation::PcrBank::Sha512: return psa::Hash::Sha512;
  }
  return psa::Hash::Sha256;
}

Outcome<std::vector<RegisterSelection>> selections_from(const Arguments& arguments) {
  auto registers = TRY(registers_from(arguments.value("pcrs").value_or("")));
  std::vector<RegisterSelection> selections;
  for (const auto& [which, value] : registers) {
    if (!value.empty())
      return failed(ExitCode::Usage, "reading --pcrs: values are for 'attest verify'");
    if (selections.empty() || selections.back().bank != hash_of(which.bank))
      selections.push_back({.bank = hash_of(which.bank), .registers = {}});
    selections.back().registers.push_back(which.number);
  }
  return selections;
}

Outcome<> run(const Invocation& invocation) {
  auto selections = TRY(selections_from(invocation.arguments));
  SecretBytes nonce = TRY(nonce_from(invocation.arguments));
  Client client = TRY(invocation.open_client());
  RegisterQuote made =
      TRY(during(attesting("quoting registers", client),
                 client.call(requests::quote(selections, nonce), on_tpm(invocation))));
  const attestation::Evidence evidence{.attest = std::move(made.statement.attest),
                                       .signature = std::move(made.statement.signature),
                                       .attestation_key = std::move(made.statement.attestation_key),
                                       .key = {},
                                       .registers = std::move(made.values)};
  return write_text(invocation, 0, to_text(evidence));
}

}  // namespace

const Command kAttestQuote = {
    .words = "attest quote",
    .summary = "have the TPM state what was measured of this machine, in its registers",
    .options = kOptions,
    .positionals = kPositionals,
    .run = run,
};

}  // namespace strongroom::cli
