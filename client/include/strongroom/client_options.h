// What a client is opened with.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "protocol/opcode.h"

namespace strongroom {

struct ClientOptions {
  // A path, or a `unix:` URI (RFC 3986). Empty: the environment's STRONGROOM_SERVICE_ENDPOINT, then
  // its PARSEC_SERVICE_ENDPOINT, then /run/strongroom/strongroom.sock.
  std::string endpoint;
  // Set: the Direct authenticator with this name. Empty: the kernel says who is asking.
  std::string application_name;
  // Empty: the first provider that the service lists, asked for once.
  std::optional<ProviderId> provider;
  // For a whole call, from connecting to the last byte of the answer. Zero: for ever.
  std::chrono::milliseconds timeout = std::chrono::seconds(60);
  std::uint32_t max_answer_size = 16 * 1024 * 1024;
  // Before anything is sent, the socket and every directory above it must belong to root, the
  // service's user or the caller, and no directory may let others replace what is in it.
  bool trust_any_socket = false;
};

}  // namespace strongroom
