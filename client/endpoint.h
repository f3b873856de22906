// Where the service listens.
#pragma once

#include <string>
#include <string_view>

#include "strongroom/client_error.h"

namespace strongroom::client {

inline constexpr std::string_view kDefaultSocket = "/run/strongroom/strongroom.sock";

// The path that an endpoint names: a path, or a URI of the scheme `unix` (RFC 3986 §3) with an
// absolute path, no query and no host but the empty one or "localhost". At most 107 bytes, which is
// what a socket address holds (unix(7)).
ClientResult<std::string> socket_path_of(std::string_view endpoint);

// `option` when it is not empty, else STRONGROOM_SERVICE_ENDPOINT, else PARSEC_SERVICE_ENDPOINT
// (neither in a program with raised privileges, secure_getenv(3)), else the default socket. Empty
// variables count as absent.
ClientResult<std::string> resolve_endpoint(std::string_view option);

}  // namespace strongroom::client
