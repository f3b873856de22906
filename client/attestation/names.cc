#include "client/attestation/names.h"

#include <array>

#include <fmt/format.h>

#include "client/attestation/cryptography.h"
#include "client/attestation/reader.h"

namespace strongroom::attestation {
namespace {

using namespace attribute;

constexpr std::array kSha256 = {std::byte{0x00}, std::byte{0x0b}};
constexpr std::array kEndorsement = {std::byte{0x40}, std::byte{0x00}, std::byte{0x00},
                                     std::byte{0x0b}};

constexpr std::uint32_t kBoundToTpm = kFixedTpm | kFixedParent | kSensitiveDataOrigin;

struct Bit {
  std::uint32_t mask;
  std::string_view name;
};
constexpr std::array kBits = {
    Bit{kFixedTpm, "fixedTPM"},
    Bit{kFixedParent, "fixedParent"},
    Bit{kSensitiveDataOrigin, "sensitiveDataOrigin"},
    Bit{kEncryptedDuplication, "encryptedDuplication"},
    Bit{kRestricted, "restricted"},
    Bit{kDecrypt, "decrypt"},
    Bit{kSign, "sign"},
};

std::string name_of_bits(std::uint32_t bits) {
  std::string names;
  for (const Bit& bit : kBits) {
    if ((bits & bit.mask) == 0) continue;
    names += names.empty() ? "" : " ";
    names += bit.name;
    bits &= ~bit.mask;
  }
  if (bits != 0) names += fmt::format("{}0x{:08x}", names.empty() ? "" : " ", bits);
  return names;
}

Bytes sha256_name(std::initializer_list<ByteView> parts) {
  Bytes name = digest(Algorithm::Sha256, parts);
  name.insert(name.begin(), kSha256.begin(), kSha256.end());
  return name;
}

}  // namespace

Verified<Bytes> name_of(ByteView public_area) {
  auto area = TRY(public_area_in(public_area));
  if (area.name_algorithm != Algorithm::Sha256)
    return differs(
        Field::Name, "one by SHA-256",
        fmt::format("algorithm 0x{:04x}", static_cast<std::uint16_t>(area.name_algorithm)));
  return sha256_name({public_area});
}

Bytes name_below_endorsement(ByteView name) {
  return sha256_name({kEndorsement, name});
}

Verified<> check_attributes(std::uint32_t found, std::uint32_t set, std::uint32_t clear) {
  const std::uint32_t missing = set & ~found;
  const std::uint32_t excess = clear & found;
  if (missing != 0)
    return failure(
        Field::KeyAttributes,
        fmt::format("expected {} to be set, found 0x{:08x} without", name_of_bits(missing), found));
  if (excess != 0)
    return failure(Field::KeyAttributes, fmt::format("expected {} to be clear, found 0x{:08x}",
                                                     name_of_bits(excess), found));
  return {};
}

Verified<> check_role(const PublicArea& area, KeyRole role) {
  if (role == KeyRole::AttestationKey)
    return check_attributes(area.attributes, kBoundToTpm | kRestricted | kSign,
                            kDecrypt | kEncryptedDuplication);
  return check_attributes(area.attributes, kBoundToTpm, kRestricted | kEncryptedDuplication);
}

}  // namespace strongroom::attestation
