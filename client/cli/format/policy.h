// Which algorithms and usages go with a key: a policy that permits nothing is refused here, because
// the service keeps it as it is, and it cannot be changed.
#pragma once

#include <string>
#include <string_view>

#include "base/psa.h"
#include "client/cli/failure.h"

namespace strongroom::cli {

// Usage when the algorithm is none for such keys, or a usage is none of the algorithm's. `doing` is
// what the message begins with.
Outcome<> check_policy(std::string_view doing, const psa::KeyAttributes& attributes);

}  // namespace strongroom::cli
