#pragma once

#include "providers/key_facets.h"
#include "providers/pkcs11/facets/access.h"

namespace strongroom::pkcs11 {

// What the token holds of this service's: the keys with its label.
class TokenInventory final : public KeyInventory {
 public:
  explicit TokenInventory(Access& access) noexcept : access_(access) {}

  Result<std::vector<SecretBuffer>> materials() override;
  // Of keys with another label as well: they may have been made by another service.
  Result<> look_for(const KeyRecord& key) override;
  Result<std::string> describe(const SecretBuffer& material) override;

 private:
  Access& access_;
};

}  // namespace strongroom::pkcs11
