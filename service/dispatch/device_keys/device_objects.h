// The objects of one key in a device.
#pragma once

#include <string>

#include "providers/provider.h"

namespace strongroom {

// Whether keys of `provider` are made and destroyed in two phases.
bool has_device_keys(Provider& provider);
// Whether its requests are admitted now.
bool is_serving(Provider& provider);
// For messages: "key 'web' of application '1000' (authenticator 3), provider 'token'".
std::string text_of(const KeyId& key);

// Of a device's answer, or the store's: there is no such key any more.
inline bool is_gone(const Error& error) noexcept {
  return error.status() == Status::PsaErrorDoesNotExist;
}

// How the objects of a key ended.
enum class Ended {
  Destroyed,
  WereGone,
  AreOthers,  // another key has taken their place, which stays
};
// In the provider's lane. To be done again when it fails.
Result<Ended> end_objects(Provider& provider, const KeyRecord& key);

}  // namespace strongroom
