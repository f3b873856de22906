#pragma once

#include "providers/facets.h"
#include "providers/software/algorithms.h"
#include "providers/software/keys/key_cache.h"

namespace strongroom::software {

// The key itself is the record's material, in the export format.
class EvpKeyManager final : public KeyManager {
 public:
  EvpKeyManager(const Algorithms& algorithms, KeyCache& cache) noexcept
      : algorithms_(algorithms), cache_(cache) {}

  Result<NewKey> generate(const psa::KeyAttributes& attributes, std::stop_token stop,
                          SecretBuffer material) override;
  Result<NewKey> import(const psa::KeyAttributes& attributes, ByteView data,
                        SecretBuffer material) override;
  Result<SecretBuffer> export_key(const KeyRecord& key) override;
  Result<> destroy(const KeyRecord& key) override;

 private:
  Result<NewKey> import_offered(const psa::KeyAttributes& attributes, ByteView data);

  const Algorithms& algorithms_;
  KeyCache& cache_;
};

}  // namespace strongroom::software
