// strongroom key derive
#include <array>

#include "client/cli/commands/data/permitted.h"
#include "client/cli/commands/key/attributes.h"
#include "client/cli/format/peer_key.h"
#include "client/cli/format/text_encoding.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} * 1024;
constexpr std::string_view kFile = "file:";

constexpr std::array kOptions = {
    Option{"from", "KEY", "the secret, or the key pair whose agreement with --peer gives one",
           kKeys},
    Option{"peer", "FILE", "the public key to agree with; - is standard input", kFiles},
    Option{"salt", "HEX", "of HKDF, or file:PATH for what a file holds"},
    Option{"info", "HEX", "of HKDF, what the key is for; or file:PATH"},
    Option{"label", "TEXT", "of TLS 1.2"},
    Option{"seed", "HEX", "of TLS 1.2, or file:PATH"},
    kTypeOption,
    kAlgorithmOption,
    kUsageOption,
    kDrawnNonceOption,
};
constexpr std::array kPositionals = {
    Positional{"NAME", Positional::Need::Required, "what to call the new key"},
};
constexpr std::string_view kAdvice =
    "generate one with --type derive-256 --algorithm hkdf-sha256, or with --type ecc-p256 "
    "--algorithm ecdh-hkdf-sha256, for example";

Outcome<SecretBytes> input_of(const Invocation& invocation, std::string_view option) {
  std::optional<std::string> text = invocation.arguments.value(option);
  if (!text) return SecretBytes();
  if (text->starts_with(kFile))
    return read_all(text->substr(kFile.size()), invocation.streams, kMostBytes);
  std::optional<SecretBytes> bytes = from_hex(*text);
  if (bytes) return *std::move(bytes);
  return failed(ExitCode::Usage,
                fmt::format("reading the command line: --{} is not hexadecimal", option),
                "a file is given as file:PATH");
}

psa::KeyDerivation::Kind kind_of(const psa::Algorithm& algorithm) {
  if (const auto* derivation = std::get_if<psa::KeyDerivation>(&algorithm)) return derivation->kind;
  return std::get<psa::KeyAgreement>(algorithm).derivation->kind;
}

// An option that another derivation takes, or one that tells this key from others and was
// forgotten.
std::unexpected<Failure> misplaced(std::string_view option, std::string_view how,
                                   const psa::Algorithm& algorithm) {
  return failed(ExitCode::Usage, fmt::format("reading the command line: --{} {} {}", option, how,
                                             algorithm_name(algorithm)));
}

// RFC 5869 §2; RFC 5246 §5, where label and seed alone make one key unlike another.
Outcome<> check_inputs(const Arguments& arguments, const psa::Algorithm& algorithm) {
  const bool is_hkdf = kind_of(algorithm) == psa::KeyDerivation::Kind::Hkdf;
  for (std::string_view option : {"salt", "info", "label", "seed"}) {
    const bool is_for_hkdf = option == "salt" || option == "info";
    if (is_for_hkdf != is_hkdf && arguments.value(option))
      return misplaced(option, "does not go with", algorithm);
    if (!is_for_hkdf && !is_hkdf && !arguments.value(option))
      return misplaced(option, "is missing for", algorithm);
  }
  return {};
}

// Empty where nobody agrees.
Outcome<Bytes> peer_of(const Invocation& invocation, const psa::Algorithm& algorithm) {
  std::optional<std::string> file = invocation.arguments.value("peer");
  bool agrees = std::holds_alternative<psa::KeyAgreement>(algorithm);
  if (agrees != file.has_value())
    return misplaced("peer", agrees ? "is missing for" : "does not go with", algorithm);
  if (!file) return Bytes();
  SecretBytes input = TRY(read_all(file, invocation.streams, kMostBytes));
  return peer_public_key(input, Encoding::Native);
}

// NotPermitted when the key derives nothing.
Outcome<psa::Algorithm> derivation_of(const KeyInUse& key) {
  const psa::Algorithm& policy = key.info.attributes.algorithm;
  const auto* agreement = std::get_if<psa::KeyAgreement>(&policy);
  if (std::holds_alternative<psa::KeyDerivation>(policy) ||
      (agreement != nullptr && agreement->derivation))
    return policy;
  return permits_another(key.task.doing, policy, kAdvice);
}

Outcome<KeyInUse> secret_of(const Invocation& invocation) {
  std::optional<std::string> from = invocation.arguments.value("from");
  if (!from)
    return failed(ExitCode::Usage, "reading the command line: --from is missing",
                  "it names the key to derive from");
  std::string name = invocation.arguments.positional(0).value_or("");
  return key_in_use(invocation, Task::Kind::DeriveKey,
                    fmt::format("deriving key '{}' from key", visible(name)), *from);
}

Outcome<> run(const Invocation& invocation) {
  psa::KeyAttributes attributes = TRY(attributes_from(invocation.arguments));
  SecretBytes salt = TRY(input_of(invocation, "salt"));
  SecretBytes info = TRY(input_of(invocation, "info"));
  SecretBytes seed = TRY(input_of(invocation, "seed"));
  std::string label = invocation.arguments.value("label").value_or("");
  KeyInUse secret = TRY(secret_of(invocation));
  psa::Algorithm algorithm = TRY(derivation_of(secret));
  TRY(check_inputs(invocation.arguments, algorithm));
  Bytes peer = TRY(peer_of(invocation, algorithm));
  std::string name = invocation.arguments.positional(0).value_or("");
  const DerivationParameters parameters{
      .peer_key = peer, .salt = salt, .info = info, .label = view_of(label), .seed = seed};
  return during(secret.task,
                secret.holder.derive_key(secret.name, algorithm, parameters, name, attributes));
}

}  // namespace

const Command kKeyDerive = {
    .words = "key derive",
    .summary = "make a new key out of a secret that stays in the provider (HKDF, TLS 1.2)",
    .options = kOptions,
    .positionals = kPositionals,
    .run = run,
};

}  // namespace strongroom::cli
