// A provider as the rest of the service sees it: what it is, what it offers, and its facets.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/error.h"
#include "base/psa.h"
#include "providers/facets.h"
#include "providers/key_record.h"
#include "providers/maintenance.h"

namespace strongroom {

// What CanDoCrypto can ask about attributes.
enum class Capability { Use, Generate, Import, Derive };

// 30e39502-eba6-4d60-a4af-c518b7f5e38f, by which clients know the provider of PKCS#11 tokens. Keys
// of one that is not configured are told by it, too.
inline constexpr Uuid kPkcs11Uuid = {
    std::byte{0x30}, std::byte{0xe3}, std::byte{0x95}, std::byte{0x02},
    std::byte{0xeb}, std::byte{0xa6}, std::byte{0x4d}, std::byte{0x60},
    std::byte{0xa4}, std::byte{0xaf}, std::byte{0xc5}, std::byte{0x18},
    std::byte{0xb7}, std::byte{0xf5}, std::byte{0xe3}, std::byte{0x8f}};

// What ListProviders says of a provider.
struct ProviderDescription {
  std::uint8_t id;  // of the wire
  ProviderIdentity identity;
  std::string description;
  std::string vendor;
  std::array<std::uint32_t, 3> version;
};

// A place that holds keys. A facet it lacks is null, and its operations answer
// PsaErrorNotSupported. Outlives the threads that use it.
class Provider {
 public:
  virtual ~Provider() = default;
  virtual const ProviderDescription& description() const noexcept = 0;

  // PsaErrorNotSupported for what the operations would refuse; a use needs a flag that goes with
  // the algorithm. bits == 0 asks about any size, a signature without hash about any hash.
  virtual Result<> supports(Capability capability, const psa::KeyAttributes& attributes) const = 0;
  virtual KeyManager* keys() noexcept { return nullptr; }
  virtual Signer* signer() noexcept { return nullptr; }
  virtual Encrypter* encrypter() noexcept { return nullptr; }
  virtual AeadCipher* aead() noexcept { return nullptr; }
  virtual Cipher* cipher() noexcept { return nullptr; }
  virtual MacSigner* mac() noexcept { return nullptr; }
  virtual Hasher* hasher() noexcept { return nullptr; }
  virtual KeyAgreer* key_agreer() noexcept { return nullptr; }
  virtual KeyDeriver* key_deriver() noexcept { return nullptr; }
  virtual KeyWrapper* key_wrapper() noexcept { return nullptr; }
  virtual RandomSource* random() noexcept { return nullptr; }
  virtual Attester* attester() noexcept { return nullptr; }
  // Of those whose keys are made in two phases.
  virtual KeyInventory* inventory() noexcept { return nullptr; }
  // What is always up has none.
  virtual Maintenance* maintenance() noexcept { return nullptr; }
};

inline ProviderHealth health_of(Provider& provider) {
  Maintenance* maintenance = provider.maintenance();
  return maintenance == nullptr ? ProviderHealth() : maintenance->health();
}

}  // namespace strongroom
