// strongroom verify
#include <array>
#include <ostream>

#include <fmt/format.h>

#include "client/cli/command.h"
#include "client/cli/commands/data/local_verification.h"
#include "client/cli/commands/data/signing.h"
#include "client/cli/format/input_output.h"
#include "client/cli/format/names.h"
#include "client/cli/format/signature.h"
#include "client/cli/keys/imported_attributes.h"
#include "client/cli/keys/key_input.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

constexpr std::size_t kMostSignatureBytes = std::size_t{16} * 1024;

constexpr std::array kOptions = {
    Option{"signature", "FILE", "the signature; - is standard input", kFiles},
    Option{"public-key", "FILE",
           "verify here, without a service, with a public key or certificate; NAME is left out",
           kFiles},
    Option{"algorithm", "NAME",
           "with --public-key: ecdsa-sha256, rsa-pss-sha256, rsa-pkcs1v15-sha256 …; the first that "
           "goes with the key by default",
           such_as(algorithm_names)},
    Option{"hash", "NAME", "the hash, where the key leaves it open: sha256, sha384, sha512 …",
           such_as(hash_names)},
    kDigestOption,
    Option{"in-format", "FORMAT",
           "of the signature: der (as openssl has it), raw (r and s), hex or base64 of either; by "
           "default der or raw, whatever it is",
           one_of(signature_formats)},
};
constexpr std::array kPositionals = {
    Positional{"NAME", Positional::Need::Optional, "the key; not with --public-key", kKeys},
    Positional{"FILE", Positional::Need::Optional, "what was signed, else standard input", kFiles},
};

bool is_standard_input(const std::optional<std::string>& file) {
  return !file || *file == "-";
}

std::optional<std::string> message_file(const Arguments& arguments) {
  return arguments.positional(arguments.has("public-key") ? 0 : 1);
}

Outcome<> check_arguments(const Arguments& arguments) {
  bool is_local = arguments.has("public-key");
  std::string cause;
  if (!arguments.has("signature")) cause = "--signature is missing";
  if (!is_local && !arguments.positional(0)) cause = "NAME is missing";
  if (!is_local && arguments.has("algorithm"))
    cause = "--algorithm goes with --public-key; a key in the service has its own";
  if (is_local && arguments.positional(1))
    cause = fmt::format("'{}' is one argument too many beside --public-key",
                        visible(*arguments.positional(1)));
  int from_standard_input = static_cast<int>(is_standard_input(message_file(arguments))) +
                            static_cast<int>(arguments.value("signature") == "-") +
                            static_cast<int>(arguments.value("public-key") == "-");
  if (cause.empty() && from_standard_input > 1)
    cause = "one thing alone can be read from standard input";
  if (cause.empty()) return {};
  return failed(ExitCode::Usage, fmt::format("reading the command line: {}", cause));
}

// r‖s. Without a word on it, what is no DER is taken as it is.
Outcome<Bytes> ecdsa_signature(ByteView bytes, Encoding encoding, std::size_t scalar_size) {
  if (encoding == Encoding::Raw) return copy_of(bytes);
  Outcome<Bytes> raw = ecdsa_from_der(bytes, scalar_size);
  if (!raw && encoding != Encoding::Der && bytes.size() == 2 * scalar_size) return copy_of(bytes);
  return raw;
}

Outcome<Bytes> read_signature(const Invocation& invocation, const psa::KeyType& type,
                              std::uint32_t bits) {
  const Arguments& arguments = invocation.arguments;
  Encoding encoding = encoding_from(arguments.value("in-format"));
  SecretBytes input =
      TRY(read_all(arguments.value("signature"), invocation.streams, kMostSignatureBytes));
  SecretBytes bytes = TRY(decoded(std::move(input), encoding));
  if (!type.is_ecc() || type.curve_family == psa::EccFamily::TwistedEdwards) return copy_of(bytes);
  return ecdsa_signature(bytes, encoding, ecdsa_scalar_size(type, bits));
}

// Of --algorithm, or the usual one with the hash of --hash.
Outcome<SigningKey> key_of_file(const Arguments& arguments, const KeyInput& input,
                                const KeyMaterial& material) {
  psa::KeyAttributes attributes = TRY(imported_attributes(arguments, input, material));
  auto* policy = std::get_if<psa::AsymmetricSignature>(&attributes.algorithm);
  if (policy == nullptr)
    return failed(ExitCode::Usage,
                  fmt::format("{}: it holds a key of type {}, which is none for signatures",
                              reading(input.file), type_name(material.type, material.bits)));
  if (arguments.has("hash") && !arguments.has("algorithm")) policy->hash.reset();
  psa::AsymmetricSignature permitted = *policy;
  return SigningKey{.info = {.provider = ProviderId::Core, .name = "", .attributes = attributes},
                    .policy = permitted};
}

Outcome<> verify_with_file(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  KeyInput input{.file = arguments.value("public-key"), .encoding = Encoding::Native, .type = {}};
  KeyMaterial material = TRY(read_key_file(invocation, input));
  if (!material.type.is_public_key())
    return failed(ExitCode::InvalidData,
                  fmt::format("{}: it holds a private key, and nobody should have to give that",
                              reading(input.file)),
                  "'openssl pkey -pubout' writes the public one");
  SigningKey key = TRY(key_of_file(arguments, input, material));
  Bytes signature = TRY(read_signature(invocation, material.type, material.bits));
  Signable content = TRY(signable(invocation, key, message_file(arguments), Direction::Verify));
  Outcome<> verified = verify_here(material, content, signature);
  if (verified) return {};
  Failure failure = std::move(verified).error();
  failure.message =
      fmt::format("verifying with '{}': {}", visible(input.file.value_or("")), failure.message);
  return std::unexpected(std::move(failure));
}

Outcome<> verify_with_service(const Invocation& invocation) {
  KeyInUse found = TRY(key_in_use(invocation, Task::Kind::Verify, "verifying with key"));
  SigningKey key = TRY(signing_key(found));
  const psa::KeyAttributes& attributes = key.info.attributes;
  Bytes signature = TRY(read_signature(invocation, attributes.type, attributes.bits));
  Signable input =
      TRY(signable(invocation, key, message_file(invocation.arguments), Direction::Verify));
  Client& holder = found.holder;
  return during(found.task,
                input.is_message
                    ? holder.verify_message(found.name, input.algorithm, input.content, signature)
                    : holder.verify_hash(found.name, input.algorithm, input.content, signature));
}

Outcome<> run(const Invocation& invocation) {
  TRY(check_arguments(invocation.arguments));
  bool is_local = invocation.arguments.has("public-key");
  TRY(is_local ? verify_with_file(invocation) : verify_with_service(invocation));
  invocation.streams.out << "Verified OK\n";
  return {};
}

}  // namespace

const Command kVerify = {
    .words = "verify",
    .summary = "check a signature with the public part of a key, in the service or in a file",
    .options = kOptions,
    .positionals = kPositionals,
    .run = run,
};

}  // namespace strongroom::cli
