// A strongroomd of its own for each configuration that the suite goes through: started when the
// first case needs it, ended with the last, and with this process however that ends.
#pragma once

#include <string>

#include "strongroom/client.h"

namespace strongroom::conformance {

struct ServiceConfiguration {
  std::string provider;  // the lines of its [[provider]]
  ProviderId id;
  bool allow_deprecated = false;
  bool rsa_pkcs1v15_decryption = true;
  auto operator<=>(const ServiceConfiguration&) const = default;
};

// A client of the one daemon that runs with `configuration`. Fails the test and ends it when there
// is none. One thread at a time; what it gives may be used by many.
Client client_of(const ServiceConfiguration& configuration);

// Ends the daemon by SIGTERM and starts another with the same store. Clients go on.
void restart(const ServiceConfiguration& configuration);

// What the daemon has written to its log so far.
std::string log_of(const ServiceConfiguration& configuration);

}  // namespace strongroom::conformance
