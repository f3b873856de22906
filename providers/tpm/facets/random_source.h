#pragma once

#include "providers/facets.h"
#include "providers/tpm/facets/access.h"

namespace strongroom::tpm {

// As many bytes of it, in one turn at the TPM.
Outcome<SecretBuffer> drawn_at_once(Tpm& tpm, std::size_t size);

// The TPM's own generator, digest by digest, encrypted on the way.
class TpmRandomSource final : public RandomSource {
 public:
  explicit TpmRandomSource(Access& access) noexcept : access_(access) {}

  Result<SecretBuffer> generate(std::size_t size) override;

 private:
  Access& access_;
};

}  // namespace strongroom::tpm
