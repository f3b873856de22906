#include "providers/pkcs11/token_backend.h"

#include "base/version.h"

namespace strongroom::pkcs11 {
namespace {

constexpr std::uint8_t kWireId = 2;

}  // namespace

Result<bool> TokenBackend::destroy_seen(const KeyRecord& key) {
  TRY(keys()->destroy(key));
  return true;
}

ProviderDescription token_description(std::string instance_name) {
  return {.id = kWireId,
          .identity = {.uuid = kPkcs11Uuid, .instance = std::move(instance_name)},
          .description = "Keys in a PKCS#11 token",
          .vendor = "OASIS Standard.",
          .version = kVersion};
}

}  // namespace strongroom::pkcs11
