// A secret that somebody types or pipes in.
#pragma once

#include <string_view>

#include "base/error.h"
#include "base/secret_buffer.h"

namespace strongroom {

// The first line of standard input, without its end. On a terminal `prompt` is shown on standard
// error, and what is typed is not. At most 1,024 bytes; PsaErrorInvalidArgument when there is none.
Result<SecretBuffer> read_secret_line(std::string_view prompt);
bool is_typed() noexcept;  // from a terminal

// Writes to standard output, past the buffers of the C library. PsaErrorGenericError when it is not
// written in full.
Result<> write_secret(ByteView secret);

}  // namespace strongroom
