// Which provider serves when none was chosen.
#pragma once

#include <vector>

#include "strongroom/client_error.h"
#include "strongroom/listing.h"

namespace strongroom::client {

// The first of those that the service lists, which is the one that it prefers. A service without
// one is told as that service's ProviderNotRegistered, which it would answer to any key operation.
inline ClientResult<ProviderId> preferred_of(
    const ClientResult<std::vector<ProviderInfo>>& providers) {
  if (!providers) return std::unexpected(providers.error());
  if (providers->empty() || providers->front().id == ProviderId::Core)
    return std::unexpected(ClientError(ErrorSource::Service, Status::ProviderNotRegistered,
                                       "choosing a provider: the service has none for keys"));
  return providers->front().id;
}

}  // namespace strongroom::client
