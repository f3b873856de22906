#pragma once

#include "providers/facets.h"

namespace strongroom::software {

class EvpRandomSource final : public RandomSource {
 public:
  Result<SecretBuffer> generate(std::size_t size) override { return SecretBuffer::random(size); }
};

}  // namespace strongroom::software
