#pragma once

#include "providers/facets.h"
#include "providers/software/algorithms.h"

namespace strongroom::software {

Result<Bytes> digest_of(const Algorithms& algorithms, psa::Hash hash, ByteView input);

class EvpHasher final : public Hasher {
 public:
  explicit EvpHasher(const Algorithms& algorithms) noexcept : algorithms_(algorithms) {}

  Result<Bytes> compute(psa::Hash algorithm, ByteView input) override {
    return digest_of(algorithms_, algorithm, input);
  }
  Result<std::unique_ptr<HashInParts>> begin(psa::Hash algorithm) override;

 private:
  const Algorithms& algorithms_;
};

}  // namespace strongroom::software
