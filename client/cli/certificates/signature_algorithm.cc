#include "client/cli/certificates/signature_algorithm.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "client/cli/format/names.h"
#include "client/cli/keys/curves.h"

namespace strongroom::cli {
namespace {

using namespace std::string_view_literals;
using Kind = psa::AsymmetricSignature::Kind;

// A hash and the OIDs that hold it, as contents: its own (RFC 5754 §2), that of ECDSA with it (RFC
// 5758 §3.2), that of RSA PKCS#1 v1.5 with it (RFC 4055 §5).
struct Row {
  psa::Hash hash;
  std::string_view itself;
  std::string_view ecdsa;
  std::string_view pkcs1v15;
};
constexpr std::array kRows = {
    Row{psa::Hash::Sha224, "\x60\x86\x48\x01\x65\x03\x04\x02\x04"sv,
        "\x2a\x86\x48\xce\x3d\x04\x03\x01"sv, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0e"sv},
    Row{psa::Hash::Sha256, "\x60\x86\x48\x01\x65\x03\x04\x02\x01"sv,
        "\x2a\x86\x48\xce\x3d\x04\x03\x02"sv, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"sv},
    Row{psa::Hash::Sha384, "\x60\x86\x48\x01\x65\x03\x04\x02\x02"sv,
        "\x2a\x86\x48\xce\x3d\x04\x03\x03"sv, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c"sv},
    Row{psa::Hash::Sha512, "\x60\x86\x48\x01\x65\x03\x04\x02\x03"sv,
        "\x2a\x86\x48\xce\x3d\x04\x03\x04"sv, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d"sv},
};
constexpr std::string_view kPss = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"sv;   // RFC 4055 §3.1
constexpr std::string_view kMgf1 = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08"sv;  // RFC 4055 §2.2

der::Element identifier(std::string_view algorithm, ByteView parameters) {
  return der::element(der::kSequence, {der::object_identifier(algorithm), parameters});
}

// The hash stands in it three times, as the service's PSS has it: message, mask and salt length.
der::Element pss_identifier(const Row& row, std::uint32_t modulus_bits) {
  der::Element hash = identifier(row.itself, der::element(der::kNull, {}));
  std::size_t most = (modulus_bits + 7) / 8 - psa::digest_size(row.hash) - 2;
  auto salt = static_cast<std::uint8_t>(std::min(psa::digest_size(row.hash), most));
  der::Element parameters =
      der::element(der::kSequence, {der::element(der::constructed(0), {hash}),
                                    der::element(der::constructed(1), {identifier(kMgf1, hash)}),
                                    der::element(der::constructed(2), {der::small_integer(salt)})});
  return identifier(kPss, parameters);
}

// RFC 8410 §3: those of the keys, and without parameters.
Outcome<SignatureAlgorithm> eddsa_algorithm(const psa::AsymmetricSignature& policy,
                                            std::uint32_t bits,
                                            const std::optional<std::string>& hash_option) {
  if (hash_option)
    return failed(ExitCode::NotPermitted, "naming the signature: eddsa takes no hash",
                  "leave out --hash");
  const Curve* curve =
      curve_of({psa::KeyType::Kind::EccKeyPair, psa::EccFamily::TwistedEdwards}, bits);
  if (curve == nullptr)
    return failed(ExitCode::NotSupported, "naming the signature: there is no such Edwards curve");
  return SignatureAlgorithm{.requested = policy,
                            .hash = psa::Hash::Sha512,
                            .identifier = identifier(curve->identifier, {})};
}

Outcome<psa::Hash> hash_for(const psa::AsymmetricSignature& policy, std::uint32_t bits,
                            const std::optional<std::string>& option) {
  if (!option) return policy.hash.value_or(usual_hash(bits));
  psa::Hash hash = TRY(hash_from(*option));
  if (policy.hash && *policy.hash != hash)
    return failed(ExitCode::NotPermitted,
                  fmt::format("hashing with {}: the key permits {} alone", psa::to_string(hash),
                              algorithm_name(policy)));
  return hash;
}

}  // namespace

Outcome<SignatureAlgorithm> signature_algorithm(const psa::AsymmetricSignature& policy,
                                                std::uint32_t bits,
                                                const std::optional<std::string>& hash_option) {
  if (policy.kind == Kind::PureEddsa) return eddsa_algorithm(policy, bits, hash_option);
  psa::Hash hash = TRY(hash_for(policy, bits, hash_option));
  const auto* row = std::ranges::find(kRows, hash, &Row::hash);
  if (row == kRows.end() || policy.kind == Kind::RsaPkcs1v15Raw)
    return failed(ExitCode::NotSupported,
                  fmt::format("naming the signature: no certificates are made with {} and {}",
                              algorithm_name(policy), psa::to_string(hash)),
                  "keys for certificates permit ecdsa-sha256, rsa-pkcs1v15-sha256 or "
                  "rsa-pss-sha256, for example");
  psa::AsymmetricSignature requested = policy;
  if (policy.takes_hash()) requested.hash = hash;
  SignatureAlgorithm algorithm{.requested = requested, .hash = hash, .identifier = {}};
  if (policy.kind == Kind::RsaPss)
    algorithm.identifier = pss_identifier(*row, bits);
  else if (policy.kind == Kind::RsaPkcs1v15)
    algorithm.identifier = identifier(row->pkcs1v15, der::element(der::kNull, {}));
  else
    algorithm.identifier = identifier(row->ecdsa, {});
  return algorithm;
}

}  // namespace strongroom::cli
