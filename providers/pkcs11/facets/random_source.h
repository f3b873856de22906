#pragma once

#include "providers/facets.h"
#include "providers/pkcs11/facets/access.h"

namespace strongroom::pkcs11 {

// The token's own generator, a piece at a time: long requests take turns with others.
class TokenRandomSource final : public RandomSource {
 public:
  explicit TokenRandomSource(Access& access) noexcept : access_(access) {}

  Result<SecretBuffer> generate(std::size_t size) override;

 private:
  Access& access_;
};

}  // namespace strongroom::pkcs11
