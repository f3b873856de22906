#include "providers/pkcs11/token/quirks.h"

#include <algorithm>
#include <array>

namespace strongroom::pkcs11 {
namespace {

struct Name {
  std::string_view name;
  Quirk quirk;
};
constexpr std::array kNames = {
    Name{"bare-points", Quirk::BarePoints},
    Name{"curves-by-name", Quirk::CurvesByName},
    Name{"general-decryption-errors", Quirk::GeneralDecryptionErrors},
    Name{"mac-sizes-in-bytes", Quirk::MacSizesInBytes},
    Name{"montgomery-as-edwards", Quirk::MontgomeryAsEdwards},
    Name{"no-allowed-mechanisms", Quirk::NoAllowedMechanisms},
    Name{"no-public-objects", Quirk::NoPublicObjects},
    Name{"protection-not-shown", Quirk::ProtectionNotShown},
    Name{"wrapped-peers", Quirk::WrappedPeers},
};

struct Device {
  std::string_view manufacturer;
  Quirks quirks;
};
constexpr std::array kDevices = {
    Device{"SoftHSM project", Quirks()
                                  .with(Quirk::CurvesByName)
                                  .with(Quirk::GeneralDecryptionErrors)
                                  .with(Quirk::MacSizesInBytes)
                                  .with(Quirk::MontgomeryAsEdwards)
                                  .with(Quirk::WrappedPeers)},
};

}  // namespace

Quirks quirks_of(std::string_view manufacturer) noexcept {
  const auto* row = std::ranges::find(kDevices, manufacturer, &Device::manufacturer);
  return row == kDevices.end() ? Quirks() : row->quirks;
}

std::optional<Quirk> quirk_named(std::string_view name) noexcept {
  const auto* row = std::ranges::find(kNames, name, &Name::name);
  return row == kNames.end() ? std::nullopt : std::optional(row->quirk);
}

}  // namespace strongroom::pkcs11
