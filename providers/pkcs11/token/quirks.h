// In what tokens differ from the standard, or from each other where it leaves a choice. This is the
// one place that knows of devices by name.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace strongroom::pkcs11 {

enum class Quirk : std::uint8_t {
  // CKA_EC_POINT is given to the token as bare octets, not in an OCTET STRING. (Read are both.)
  BarePoints,
  // CKA_EC_PARAMS of Edwards and Montgomery curves are their names. (PKCS#11 v3.0 §2.3.5 and §2.3.7
  // leave the choice; read are both.)
  CurvesByName,
  // X25519 and X448 have the key type and the generation of Edwards curves.
  MontgomeryAsEdwards,
  // C_DeriveKey takes the peer's point in an OCTET STRING.
  WrappedPeers,
  // C_Decrypt says CKR_GENERAL_ERROR of a wrong padding or tag.
  GeneralDecryptionErrors,
  // Key sizes of HMAC mechanisms are bytes, and the token refuses keys of others. Elsewhere they
  // say nothing: PKCS#11 v2.40 leaves open what they count.
  MacSizesInBytes,
  // Templates with CKA_ALLOWED_MECHANISMS are refused.
  NoAllowedMechanisms,
  // The token keeps no public keys: the public half of a new pair is an object of the session.
  NoPublicObjects,
  // What CKA_SENSITIVE and CKA_EXTRACTABLE show of a new key is not what the token does with it, or
  // they are not shown. Elsewhere a key is not made that could leave the token against its
  // template.
  ProtectionNotShown,
};

class Quirks {
 public:
  constexpr Quirks() noexcept = default;
  constexpr bool has(Quirk quirk) const noexcept { return (set_ & bit(quirk)) != 0; }
  constexpr Quirks with(Quirk quirk) const noexcept {
    Quirks more = *this;
    more.set_ |= bit(quirk);
    return more;
  }
  constexpr Quirks with(Quirks others) const noexcept {
    others.set_ |= set_;
    return others;
  }
  constexpr bool operator==(const Quirks&) const noexcept = default;

 private:
  static constexpr unsigned bit(Quirk quirk) noexcept { return 1U << static_cast<unsigned>(quirk); }

  unsigned set_ = 0;
};

// What is known of tokens of that manufacturer, as CK_TOKEN_INFO names it.
Quirks quirks_of(std::string_view manufacturer) noexcept;

// By its name in settings, "bare-points"; empty for what is none.
std::optional<Quirk> quirk_named(std::string_view name) noexcept;

}  // namespace strongroom::pkcs11
