#include "service/store_use/parsec_keys.h"

#include <algorithm>

#include "providers/upkeep/upkeep.h"
#include "service/migration/key_ids.h"
#include "service/migration/mbed_key.h"
#include "service/provider_use/notes_in_store.h"

namespace strongroom {

using parsec::MovableKey;

Result<NewKey> ParsecKeys::take(const MovableKey& key) {
  return key.target.kind == ProviderId::Software ? take_from_file(key) : take_in_device(key);
}

Result<std::shared_ptr<Provider>> ParsecKeys::provider_of(const parsec::Target& target) {
  std::shared_ptr<Provider> provider = TRY(workshop_.provider(target.identity.instance));
  if (provider) return provider;
  return fail(Status::PsaErrorDoesNotExist, "the provider is not there");
}

// A copy: the file stays where it is.
Result<NewKey> ParsecKeys::take_from_file(const MovableKey& key) {
  const std::uint32_t number = TRY(parsec::parse_persistent_id(key.mapping.key_id));
  const std::string name = fmt::format("{:016x}.psa_its", number);
  if (!files_)
    return fail(Status::PsaErrorNotSupported,
                fmt::format("it is in file '{}' where Parsec's service runs; say where that is, by "
                            "--mbed-crypto-keys DIR",
                            name));
  const auto found = files_->find(number);
  if (found == files_->end())
    return fail(Status::PsaErrorDoesNotExist, fmt::format("there is no file '{}'", name));
  parsec::FileKey file =
      TRY(in_context(parsec::parse_mbed_key(found->second, key.attributes.type), "{}", name));
  psa::KeyAttributes attributes = key.attributes;
  if (attributes.bits == 0) attributes.bits = file.bits;
  std::shared_ptr<Provider> provider = TRY(provider_of(key.target));
  return in_context(provider->keys()->import(attributes, file.data.reveal()), "{}", name);
}

Result<NewKey> ParsecKeys::take_in_device(const MovableKey& key) {
  Device& device = devices_[key.target.identity];
  if (device.failure) return std::unexpected(*device.failure);
  if (!device.keys) {
    auto opened = keys_in_device(key);
    if (!opened) device.failure = opened.error();
    device.keys = TRY(std::move(opened));
  }
  NewKey taken = TRY(device.keys->take(key));
  if (!device.is_noted) TRY(note(key.target, device));
  return taken;
}

Result<std::unique_ptr<KeysInDevice>> ParsecKeys::keys_in_device(const MovableKey& key) {
  if (key.target.kind == ProviderId::Tpm) {
    std::shared_ptr<Provider> provider = TRY(provider_of(key.target));
    return keys_in_tpm(*provider);
  }
  const auto settings =
      std::ranges::find(settings_.providers, key.target.identity.instance, &config::Provider::name);
  if (settings != settings_.providers.end()) return keys_in_token(*settings);
  return fail(Status::PsaErrorDoesNotExist, "the provider is not there");
}

Result<> ParsecKeys::note(const parsec::Target& target, Device& device) {
  const std::shared_ptr<Provider> provider = TRY(provider_of(target));
  const auto* upkeep = dynamic_cast<const Upkeep*>(provider->maintenance());
  if (upkeep == nullptr) return {};
  Bytes identity = TRY(device.keys->identity());
  notes_.push_back({.id = id_of_note(target.identity, upkeep->identity_note()),
                    .identity = std::move(identity)});
  device.is_noted = true;
  return {};
}

}  // namespace strongroom
