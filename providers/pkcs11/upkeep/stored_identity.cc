#include "providers/pkcs11/upkeep/stored_identity.h"

namespace strongroom::pkcs11 {

Bytes to_stored(const TokenIdentity& identity) {
  Bytes stored{static_cast<std::byte>(identity.label.size())};
  for (const std::string* text : {&identity.label, &identity.serial}) {
    const ByteView bytes = view_of(*text);
    stored.insert(stored.end(), bytes.begin(), bytes.end());
  }
  return stored;
}

std::optional<TokenIdentity> identity_from_stored(ByteView stored) {
  if (stored.empty()) return std::nullopt;
  const auto length = std::to_integer<std::size_t>(stored.front());
  const ByteView rest = stored.subspan(1);
  if (length > rest.size()) return std::nullopt;
  return TokenIdentity{.label = std::string(text_of(rest.first(length))),
                       .serial = std::string(text_of(rest.subspan(length)))};
}

}  // namespace strongroom::pkcs11
