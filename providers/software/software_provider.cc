#include "providers/software/software_provider.h"

#include "base/version.h"
#include "providers/software/capabilities.h"

namespace strongroom {
namespace {

constexpr std::uint8_t kWireId = 1;
// 1c1139dc-ad7c-47dc-ad6b-db6fdb466552: clients know the software provider by it.
constexpr Uuid kUuid = {std::byte{0x1c}, std::byte{0x11}, std::byte{0x39}, std::byte{0xdc},
                        std::byte{0xad}, std::byte{0x7c}, std::byte{0x47}, std::byte{0xdc},
                        std::byte{0xad}, std::byte{0x6b}, std::byte{0xdb}, std::byte{0x6f},
                        std::byte{0xdb}, std::byte{0x46}, std::byte{0x65}, std::byte{0x52}};

}  // namespace

Result<std::unique_ptr<SoftwareProvider>> SoftwareProvider::create(std::string instance_name) {
  return create(std::move(instance_name), Settings());
}

Result<std::unique_ptr<SoftwareProvider>> SoftwareProvider::create(std::string instance_name,
                                                                   const Settings& settings) {
  using Legacy = software::Algorithms::Legacy;
  auto legacy = settings.allow_deprecated ? Legacy::Wanted : Legacy::Absent;
  auto algorithms =
      TRY(in_context(software::Algorithms::load(legacy), "starting provider '{}'", instance_name));
  return std::unique_ptr<SoftwareProvider>(
      new SoftwareProvider(std::move(instance_name), std::move(algorithms), settings.cached_keys));
}

SoftwareProvider::SoftwareProvider(std::string instance_name, software::Algorithms algorithms,
                                   std::size_t cached_keys)
    : description_{.id = kWireId,
                   .identity = {.uuid = kUuid, .instance = std::move(instance_name)},
                   .description = "Keys sealed on disk, used through OpenSSL",
                   .vendor = "Strongroom",
                   .version = kVersion},
      algorithms_(std::move(algorithms)),
      cache_(cached_keys) {}

Result<> SoftwareProvider::supports(Capability capability,
                                    const psa::KeyAttributes& attributes) const {
  return software::check_capability(algorithms_, capability, attributes);
}

}  // namespace strongroom
