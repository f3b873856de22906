// Files that are whole or not there.
#pragma once

#include <string>
#include <sys/types.h>

#include "base/bytes.h"
#include "client/cli/failure.h"

namespace strongroom::cli {

// "opening 'file': no such directory".
std::unexpected<Failure> file_failure(std::string_view doing, const std::string& file, int code);

// Writes to a file of another name beside it, which takes the place of `file` at the end and is
// removed by whatever ends the program before. What is no regular file (a pipe, /dev/stdout) is
// written to as it is. A file that was there keeps its mode where `mode` is nullptr, and a new one
// has what the umask leaves.
Outcome<> replace_file(const std::string& file, const mode_t* mode, ByteView bytes);

}  // namespace strongroom::cli
