// Hashing on this side of the socket, so that a message of any size takes one small request.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/psa.h"
#include "client/cli/command.h"
#include "client/cli/failure.h"

namespace strongroom::cli {

// The digest of a file or of standard input. NotSupported for a hash that libcrypto lacks.
Outcome<Bytes> digest_of(psa::Hash hash, const std::optional<std::string>& file, Streams& streams);
Outcome<Bytes> digest_of(psa::Hash hash, ByteView bytes);

}  // namespace strongroom::cli
