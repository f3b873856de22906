#include "providers/pkcs11/token_backend.h"

#include "base/version.h"

namespace strongroom::pkcs11 {
namespace {

constexpr std::uint8_t kWireId = 2;
// 30e39502-eba6-4d60-a4af-c518b7f5e38f: clients know the PKCS#11 provider by it.
constexpr Uuid kUuid = {std::byte{0x30}, std::byte{0xe3}, std::byte{0x95}, std::byte{0x02},
                        std::byte{0xeb}, std::byte{0xa6}, std::byte{0x4d}, std::byte{0x60},
                        std::byte{0xa4}, std::byte{0xaf}, std::byte{0xc5}, std::byte{0x18},
                        std::byte{0xb7}, std::byte{0xf5}, std::byte{0xe3}, std::byte{0x8f}};

}  // namespace

Result<bool> TokenBackend::destroy_seen(const KeyRecord& key) {
  TRY(keys()->destroy(key));
  return true;
}

ProviderDescription token_description(std::string instance_name) {
  return {.id = kWireId,
          .identity = {.uuid = kUuid, .instance = std::move(instance_name)},
          .description = "Keys in a PKCS#11 token",
          .vendor = "OASIS Standard.",
          .version = kVersion};
}

}  // namespace strongroom::pkcs11
