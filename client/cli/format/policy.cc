#include "client/cli/format/policy.h"

#include <algorithm>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client/cli/format/names.h"

namespace strongroom::cli {
namespace {

using psa::KeyType;
using Signature = psa::AsymmetricSignature;

bool is_edwards(const KeyType& type) {
  return type.curve_family == psa::EccFamily::TwistedEdwards;
}

// Whether an algorithm is one for keys of this kind.
struct IsFor {
  const KeyType& type;

  bool operator()(const psa::NoAlgorithm& /*algorithm*/) const { return true; }
  bool operator()(const Signature& signature) const {
    switch (signature.kind) {
      case Signature::Kind::RsaPkcs1v15:
      case Signature::Kind::RsaPkcs1v15Raw:
      case Signature::Kind::RsaPss: return type.is_rsa();
      case Signature::Kind::PureEddsa: return is_edwards(type);
      default:
        return type.is_ecc() && type.curve_family != psa::EccFamily::Montgomery &&
               !is_edwards(type);
    }
  }
  bool operator()(const psa::AsymmetricEncryption& /*algorithm*/) const { return type.is_rsa(); }
  bool operator()(const psa::KeyAgreement& algorithm) const {
    if (algorithm.raw == psa::RawKeyAgreement::Ffdh) return type.is_dh();
    return type.is_ecc() && !is_edwards(type);
  }
  bool operator()(const psa::KeyDerivation& /*algorithm*/) const {
    return type.kind == KeyType::Kind::Derive;
  }
  bool operator()(const psa::KeyWrap& algorithm) const {
    return algorithm.hash ? type.is_rsa() : type.kind == KeyType::Kind::Aes;
  }
  bool operator()(const auto& /*algorithm*/) const {
    return !type.is_rsa() && !type.is_ecc() && !type.is_dh();
  }
};

// "sign" of "sign-message".
std::string_view verb_of(std::string_view usage) {
  return usage.substr(0, usage.find('-'));
}

// Those that the algorithm has no use for; export, copy and cache go with every key.
std::vector<std::string> idle_usages(const psa::KeyAttributes& attributes) {
  psa::UsageFlags usage = attributes.usage;
  usage.may_export = usage.copy = usage.cache = false;
  std::vector<std::string> idle = usage_names(usage);
  const std::vector<std::string> useful = usage_names(default_usage(attributes.algorithm));
  std::erase_if(idle, [&](const std::string& name) {
    return std::ranges::find(useful, verb_of(name), verb_of) != useful.end();
  });
  return idle;
}

}  // namespace

Outcome<> check_policy(std::string_view doing, const psa::KeyAttributes& attributes) {
  const std::string algorithm = algorithm_name(attributes.algorithm);
  if (!std::visit(IsFor{attributes.type}, attributes.algorithm))
    return failed(ExitCode::Usage,
                  fmt::format("{}: {} is no algorithm for a key of type {}", doing, algorithm,
                              type_name(attributes.type, attributes.bits)),
                  "--algorithm may be left out");
  if (attributes.drawn_nonce_only && !std::holds_alternative<psa::Aead>(attributes.algorithm))
    return failed(ExitCode::Usage,
                  fmt::format("{}: {} takes no nonces, and --drawn-nonce-only goes with AEAD alone",
                              doing, algorithm));
  if (std::holds_alternative<psa::NoAlgorithm>(attributes.algorithm)) return {};
  if (const std::vector<std::string> idle = idle_usages(attributes); !idle.empty())
    return failed(ExitCode::Usage,
                  fmt::format("{}: {} is not for usage {}", doing, algorithm, fmt::join(idle, ",")),
                  "--usage may be left out");
  return {};
}

}  // namespace strongroom::cli
