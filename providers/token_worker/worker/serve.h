// The worker's side: requests of the service, served by a provider in this process.
#pragma once

#include <functional>
#include <memory>

#include "providers/pkcs11/token_backend.h"
#include "providers/token_worker/protocol/link.h"
#include "providers/token_worker/protocol/start.h"

namespace strongroom::token_worker {

// Serves requests of one link, one after the other, until the service closes it; what makes no
// sense ends it, too: PsaErrorCommunicationFailure. The service closes a link between two requests.
Result<> serve(pkcs11::TokenBackend& backend, Link& link);

// How a provider asks for its PIN, on the thread that serves the request that it is for: the
// service is asked each time, and the worker keeps none.
Pkcs11Provider::Settings with_login_by_service(Pkcs11Provider::Settings settings, bool has_pin);

// What a worker gives up.
struct Confinement {
  // Before the module is loaded.
  std::function<Result<>(const Start&)> before_module = [](const Start&) { return Result<>(); };
  // When the token is in use. What is missing, for the operator.
  std::function<Result<std::string>(const Start&)> after_login = [](const Start&) {
    return Result<std::string>();
  };
};

// From the first message to the last. When the token cannot be used, the service is told why, and
// that is all.
Result<> run_worker(UniqueFd socket, const Confinement& confinement);

}  // namespace strongroom::token_worker
