// Whether a socket can only be the service's: a client sends plaintext and keys to import.
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

#include "strongroom/client_error.h"

namespace strongroom::client {

// root and the users that run the service on this machine: `strongroom`, and for sockets under
// /run/parsec `parsec`. The caller is another one at each connection (seteuid(2)).
std::vector<uid_t> trusted_owners(const std::string& socket_path);

// Walks from the root to the socket, through symbolic links. Each thing on the way belongs to one
// of `owners`; each directory is writable by its owner alone or is sticky. The socket's own mode
// does not matter: it says who may connect. Fails with source Endpoint; as not_reachable() when
// something is missing or may not be looked at, and without a system_error() when it is found but
// not trusted.
ClientResult<> check_socket_trust(const std::string& socket_path, const std::vector<uid_t>& owners);

// What connecting to the socket ends with, and what looking at the way to it ends with: the same
// words, whichever of the two came upon `code` of errno.
ClientError not_reachable(const std::string& socket_path, int code);

}  // namespace strongroom::client
