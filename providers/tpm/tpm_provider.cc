#include "providers/tpm/tpm_provider.h"

#include <variant>

#include "base/version.h"

namespace strongroom {
namespace {

constexpr std::uint8_t kWireId = 3;
// 1e4954a4-ff21-46d3-ab0c-661eeb667e1d: clients know the TPM provider by it.
constexpr Uuid kUuid = {std::byte{0x1e}, std::byte{0x49}, std::byte{0x54}, std::byte{0xa4},
                        std::byte{0xff}, std::byte{0x21}, std::byte{0x46}, std::byte{0xd3},
                        std::byte{0xab}, std::byte{0x0c}, std::byte{0x66}, std::byte{0x1e},
                        std::byte{0xeb}, std::byte{0x66}, std::byte{0x7e}, std::byte{0x1d}};

}  // namespace

Result<std::unique_ptr<TpmProvider>> TpmProvider::create(std::string instance_name,
                                                         Settings settings) {
  tpm::Tpm::Settings device;
  device.opener = settings.opener ? std::move(settings.opener)
                                  : [name = settings.tcti] { return tpm::open_tcti(name); };
  device.root = settings.root;
  device.endorsement_auth_source = std::move(settings.endorsement_auth_source);
  device.is_exclusive = !tpm::has_resource_manager(settings.tcti);
  device.owner_auth_source = std::move(settings.owner_auth_source);
  auto made =
      TRY(in_context(tpm::Tpm::with(std::move(device)), "starting provider '{}'", instance_name));
  auto software = TRY(SoftwareProvider::create(instance_name));
  return std::unique_ptr<TpmProvider>(
      new TpmProvider(std::move(instance_name), std::make_shared<tpm::Executor>(std::move(made)),
                      std::move(software), settings));
}

TpmProvider::TpmProvider(std::string instance_name, std::shared_ptr<tpm::Executor> executor,
                         std::unique_ptr<SoftwareProvider> software, const Settings& settings)
    : description_{.id = kWireId,
                   .identity = {.uuid = kUuid, .instance = std::move(instance_name)},
                   .description = "Keys in a TPM 2.0",
                   .vendor = "Trusted Computing Group (TCG)",
                   .version = kVersion},
      access_(std::move(executor), std::move(software), settings.limits,
              description_.identity.instance, settings.upkeep) {}

Result<> TpmProvider::supports(Capability capability, const psa::KeyAttributes& attributes) const {
  if (std::holds_alternative<psa::KeyWrap>(attributes.algorithm))
    return fail(Status::PsaErrorNotSupported, "no keys are wrapped");
  if (attributes.type.is_public_key()) return access_.software().supports(capability, attributes);
  auto has = TRY(access_.capabilities());
  return has->check_capability(capability, attributes);
}

void TpmProvider::use_owner_auth(tpm::Tpm::OwnerAuthSource source) {
  access_.post([source = std::move(source)](tpm::Tpm& tpm) mutable {
    tpm.use_owner_auth(std::move(source));
  });
}

void TpmProvider::use_endorsement_auth(tpm::Endorsement::AuthSource source) {
  access_.post([source = std::move(source)](tpm::Tpm& tpm) mutable {
    tpm.endorsement().use_auth(std::move(source));
  });
}

}  // namespace strongroom
