// How a key ends that is an object in a device.
#pragma once

#include <memory>

#include "service/dispatch/call.h"
#include "service/dispatch/planning.h"

namespace strongroom {

// The store writes down that the key is being destroyed: from then on its name is free, and nobody
// can use it. Then its objects are destroyed in the provider's lane, and then the record. `done` is
// called once, when all is over or the device has failed; what is left to do in the latter case is
// done once it serves again (device_keys.h), and the name is free all the same. Dropped when the
// service stops. PsaErrorDoesNotExist when the device had no such object any more,
// PsaErrorDataCorrupt when it had another key in its place, which stays.
void destroy_in_device(std::shared_ptr<const Services> services, std::shared_ptr<Account> account,
                       Provider& provider, KeyRecordPtr key, Committed done);

}  // namespace strongroom
