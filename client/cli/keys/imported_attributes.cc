#include "client/cli/keys/imported_attributes.h"

#include <fmt/format.h>

#include "client/cli/format/names.h"
#include "client/cli/format/policy.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

using psa::KeyType;
using Signature = psa::AsymmetricSignature;

bool is_montgomery(const KeyType& type) {
  return type.curve_family == psa::EccFamily::Montgomery;
}

// What the file's key did before it came here: with openssl that is PKCS #1 v1.5, over any hash.
psa::Algorithm usual_algorithm(const KeyMaterial& key) {
  if (is_montgomery(key.type)) return psa::KeyAgreement{psa::RawKeyAgreement::Ecdh, std::nullopt};
  if (key.type.is_rsa()) return Signature{Signature::Kind::RsaPkcs1v15, std::nullopt};
  return default_algorithm({key.type, key.bits});
}

// What remains of a usage for a key without its private half.
psa::UsageFlags public_part(const psa::UsageFlags& usage) {
  return {.may_export = usage.may_export,
          .copy = usage.copy,
          .cache = usage.cache,
          .encrypt = usage.encrypt,
          .verify_message = usage.verify_message,
          .verify_hash = usage.verify_hash,
          .wrap = usage.wrap};
}

bool is_same_kind(const KeyType& file, const KeyType& said) {
  if (file.is_rsa()) return said.is_rsa();
  if (file.is_ecc()) return said.is_ecc() && file.curve_family == said.curve_family;
  return file == said;
}

Outcome<> check_type(const KeyInput& input, const KeyMaterial& key) {
  if (!input.type) return {};
  const TypeAndSize& said = *input.type;
  if (is_same_kind(key.type, said.type) && (said.bits == 0 || said.bits == key.bits)) return {};
  return failed(
      ExitCode::Usage,
      fmt::format("{}: it holds a key of type {}, where --type says {}", reading(input.file),
                  type_name(key.type, key.bits), type_name(said.type, said.bits)),
      "--type may be left out");
}

Outcome<psa::UsageFlags> usage_for(const Arguments& arguments, const KeyInput& input,
                                   const KeyMaterial& key, const psa::Algorithm& algorithm) {
  std::optional<std::string> list = arguments.value("usage");
  auto usage = TRY(list ? usage_from(*list) : default_usage(algorithm));
  if (!key.type.is_public_key() || usage == public_part(usage)) return usage;
  if (list)
    return failed(ExitCode::Usage,
                  fmt::format("{}: it holds a public key, which cannot be for '{}'",
                              reading(input.file), visible(*list)),
                  "a public key can verify, encrypt and wrap");
  return public_part(usage);
}

}  // namespace

Outcome<psa::KeyAttributes> imported_attributes(const Arguments& arguments, const KeyInput& input,
                                                const KeyMaterial& key) {
  TRY(check_type(input, key));
  std::optional<std::string> name = arguments.value("algorithm");
  auto algorithm = TRY(name ? algorithm_from(*name) : usual_algorithm(key));
  psa::UsageFlags usage = TRY(usage_for(arguments, input, key, algorithm));
  psa::KeyAttributes attributes = {.type = key.type,
                                   .bits = key.bits,
                                   .usage = usage,
                                   .algorithm = algorithm,
                                   .drawn_nonce_only = arguments.has("drawn-nonce-only")};
  TRY(check_policy(reading(input.file), attributes));
  return attributes;
}

}  // namespace strongroom::cli
