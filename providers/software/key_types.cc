#include "providers/software/key_types.h"

#include <algorithm>
#include <array>

namespace strongroom::software {
namespace {

using Kind = psa::KeyType::Kind;

constexpr std::array kRsaBits = {1024U, 2048U, 3072U, 4096U};
// PSA_MAX_KEY_BITS of PSA Crypto API 1.1, in whole bytes.
constexpr std::uint32_t kMostBits = 65'528;

bool is_whole_bytes(std::uint32_t bits, std::uint32_t least, std::uint32_t most) {
  return bits % 8 == 0 && bits >= least && bits <= most;
}

// As below, of a type in any size when `bits` is 0.
bool is_offered_in(const Algorithms& algorithms, const psa::KeyType& type, std::uint32_t bits) {
  switch (type.kind) {
    case Kind::RawData:
    case Kind::Hmac:
    case Kind::Derive: return bits == 0 || is_whole_bytes(bits, 8, kMostBits);
    case Kind::Arc4:
      return algorithms.has_cipher(type.kind, 0) && (bits == 0 || is_whole_bytes(bits, 40, 2048));
    case Kind::Aes:
    case Kind::Des:
    case Kind::Camellia:
    case Kind::Chacha20: return algorithms.has_cipher(type.kind, bits);
    case Kind::RsaPublicKey:
    case Kind::RsaKeyPair: return bits == 0 || is_rsa_size(bits);
    case Kind::EccKeyPair:
    case Kind::EccPublicKey: return algorithms.has_curve(*type.curve_family, bits);
    case Kind::DhKeyPair:
    case Kind::DhPublicKey: return algorithms.has_dh_group(bits);
  }
  return false;
}

}  // namespace

bool is_rsa_size(std::uint32_t bits) noexcept {
  return std::ranges::find(kRsaBits, bits) != kRsaBits.end();
}

bool is_offered(const Algorithms& algorithms, const psa::KeyType& type, std::uint32_t bits) {
  return bits != 0 && is_offered_in(algorithms, type, bits);
}

Result<> check_key_type(const Algorithms& algorithms, const psa::KeyType& type,
                        std::uint32_t bits) {
  if (is_offered_in(algorithms, type, bits)) return {};
  return key_not_offered(type, bits);
}

std::unexpected<Error> key_not_offered(const psa::KeyType& type, std::uint32_t bits) {
  return fail(Status::PsaErrorNotSupported,
              fmt::format("key type '{}' is not offered", to_string(type, bits)));
}

}  // namespace strongroom::software
