#pragma once

#include "providers/facets.h"

namespace strongroom::software {

// From OpenSSL's private generator, seeded by the kernel.
Result<SecretBuffer> random_secret(std::size_t size);

class EvpRandomSource final : public RandomSource {
 public:
  Result<SecretBuffer> generate(std::size_t size) override { return random_secret(size); }
};

}  // namespace strongroom::software
