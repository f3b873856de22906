// How a key is made that is an object in a device.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string_view>

#include "service/dispatch/call.h"
#include "service/dispatch/planning.h"

namespace strongroom {

// What makes a key that a provider is to have: out of nothing or of data.
struct Making {
  KeyId id;
  psa::KeyAttributes attributes;  // as far as they are known before
  std::string_view doing;         // for messages, a literal: "generating"
  // In the provider's lane; of the given material, unless that is empty.
  std::move_only_function<Result<NewKey>(SecretBuffer material, std::stop_token stop)> make;
  Cost cost;  // of that
};

struct DeviceKeyMaking {
  Making key;
  Provider* provider = nullptr;  // of the generation that goes with it
  SecretBuffer material;
  // Who asks, and is charged.
  std::shared_ptr<Account> account;
  std::stop_token gone;
};

// Reserves the name, durably; makes the key in the provider's lane; has the store take it. `reply`
// is called once, or destroyed when the client is gone or the service stops. However it ends short
// of the key, what was made is destroyed and the name is free: before the reply as a rule, else as
// soon as store and device allow it (device_keys.h). PsaErrorAlreadyExists while another key of the
// name is being made.
void make_in_device(std::shared_ptr<const Services> services, DeviceKeyMaking making, Reply reply);

}  // namespace strongroom
