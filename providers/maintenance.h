// The side of a provider that its operator sees.
#pragma once

#include <functional>
#include <string>

#include "base/error.h"
#include "providers/provider_health.h"

namespace strongroom {

// Of a provider with a device, which may be away or refuse to serve. Any thread.
class Maintenance {
 public:
  virtual ~Maintenance() = default;
  virtual ProviderHealth health() const = 0;

  // What was done, for people. Called once on any thread, or dropped when the service stops first.
  using Done = std::move_only_function<void(Result<std::string>)>;
  // Tries a password again that the device has refused.
  virtual void unlock(Done done) = 0;
  // Takes the device that is there for the one to go on with; keys of another are of no use then.
  virtual void accept_root(Done done) = 0;
};

}  // namespace strongroom
