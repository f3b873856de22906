// A key between the forms of files and the one that the service takes and gives.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/psa.h"
#include "client/cli/failure.h"
#include "strongroom/secret_bytes.h"

namespace strongroom::cli {

// As PSA Crypto API 1.1, psa_import_key: RSAPrivateKey or RSAPublicKey in DER; a scalar of the
// curve's length; an uncompressed point; bytes.
struct KeyMaterial {
  psa::KeyType type;
  std::uint32_t bits;
  SecretBytes data;
};

// OIDs of algorithms in key files, as contents.
namespace oid {
using namespace std::string_view_literals;
inline constexpr std::string_view kRsa = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"sv;     // RFC 8017
inline constexpr std::string_view kRsaPss = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"sv;  // RFC 8017
inline constexpr std::string_view kEcc = "\x2a\x86\x48\xce\x3d\x02\x01"sv;             // RFC 5480
inline constexpr std::string_view kDsa = "\x2a\x86\x48\xce\x38\x04\x01"sv;             // RFC 3279
inline constexpr std::string_view kDh = "\x2a\x86\x48\x86\xf7\x0d\x01\x03\x01"sv;      // PKCS#3
}  // namespace oid

// The one way to say that a file's content is not what it should be; callers add the file's name.
inline std::unexpected<Failure> not_a_key(std::string cause, std::string advice = "") {
  return failed(ExitCode::InvalidData, std::move(cause), std::move(advice));
}

// For a key of a kind that PSA has no type for, by its OID.
std::unexpected<Failure> cannot_be_held(ByteView algorithm);

// Bits of a big-endian number without leading zeros.
std::uint32_t bit_length(ByteView number) noexcept;

// What an AlgorithmIdentifier (RFC 5280 §4.1.1.2) of a key says: RSA, or a curve.
struct Curve;
struct KeyAlgorithm {
  const Curve* curve = nullptr;  // nullptr: RSA
};
// `content` is the SEQUENCE's. NotSupported for other kinds of keys.
Outcome<KeyAlgorithm> key_algorithm(ByteView content);
// The curve of an ECParameters element (RFC 5480 §2.1.1), which has to be a named one.
Outcome<const Curve*> named_curve(ByteView parameters);

}  // namespace strongroom::cli
