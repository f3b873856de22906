// A provider as clients see it: every call of a facet is a request to a running service. Each case
// of the suite is thus written once, against Provider, and runs both ways.
#pragma once

#include <memory>

#include "providers/provider.h"
#include "tests/conformance/socket/running_service.h"

namespace strongroom::conformance {

// Lacks the facets whose operations the service does not serve.
Result<std::unique_ptr<Provider>> connect_to(const ServiceConfiguration& configuration);

}  // namespace strongroom::conformance
