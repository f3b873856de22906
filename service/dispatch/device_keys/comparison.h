// The store's records beside the objects in devices.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "service/dispatch/planning.h"

namespace strongroom {

struct DeviceComparison {
  std::vector<Finding> findings;  // NotCompared, ObjectMissing, ObjectDiffers, OrphanObject
  std::uint64_t left_out = 0;     // findings beyond those that are kept
  std::vector<Finding> repairs;   // what was found to be so again, and is not so any more
};

// Looks for the object of each record of each provider with keys in a device, and for the record of
// each object that carries this service's mark; in the provider's lane, a slice at a time. A
// provider that does not serve is not compared. What `subjects` name and is found to be so again is
// repaired: an object of no record is destroyed, a record without its object removed. Nothing is
// ever done to objects without the mark, or to those in whose place a record has another; and while
// records do not verify, to none, which may be theirs. `done` is called once, on any thread, or
// dropped when the service stops. `account` is charged.
void compare_with_devices(std::shared_ptr<const Services> services,
                          std::shared_ptr<Account> account, std::vector<std::string> subjects,
                          std::move_only_function<void(DeviceComparison)> done);

}  // namespace strongroom
