// What a Linux security module calls a peer.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace strongroom {

// Of a connected socket, as of connect(): an SELinux context, an AppArmor profile with its mode.
// Empty where no module labels sockets. ConnectionError when there is a label and it cannot be
// read, or is longer than 4 KiB.
Result<std::string> read_peer_label(int socket);

// The label in what SO_PEERSEC gives, which some modules end with a NUL.
std::string label_in(std::string_view given);

}  // namespace strongroom
