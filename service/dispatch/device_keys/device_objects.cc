#include "service/dispatch/device_keys/device_objects.h"

#include <utility>

#include "base/bytes.h"

namespace strongroom {
namespace {

bool is_of_others(const Error& error) {
  return error.status() == Status::PsaErrorDataCorrupt;
}

// Whether the record can be compared with an object: a reservation is not that of a key yet.
bool is_whole(const KeyRecord& key) {
  return key.attributes.bits != 0 &&
         (!key.attributes.type.is_key_pair() || !key.public_key.empty());
}

}  // namespace

bool has_device_keys(Provider& provider) {
  return provider.inventory() != nullptr;
}

bool is_serving(Provider& provider) {
  const ProviderState state = health_of(provider).state;
  return state == ProviderState::Up || state == ProviderState::Degraded;
}

std::string text_of(const KeyId& key) {
  constexpr std::size_t kMost = 64;
  return fmt::format("key '{}' of application '{}' (authenticator {}), provider '{}'",
                     escaped(key.name, kMost), escaped(key.application.name, kMost),
                     key.application.authenticator, escaped(key.provider.instance, kMost));
}

Result<Ended> end_objects(Provider& provider, const KeyRecord& key) {
  Result<> found;
  if (KeyInventory* inventory = provider.inventory(); inventory != nullptr && is_whole(key))
    found = inventory->look_for(key);
  if (!found && is_of_others(found.error())) return Ended::AreOthers;
  if (!found && !is_gone(found.error())) return std::unexpected(std::move(found).error());
  // Halves of a pair may be there.
  Result<> destroyed = provider.keys()->destroy(key);
  if (!destroyed && is_of_others(destroyed.error())) return Ended::AreOthers;
  if (!destroyed) return std::unexpected(std::move(destroyed).error());
  return found ? Ended::Destroyed : Ended::WereGone;
}

}  // namespace strongroom
