// Names as they stand for directories and files.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace strongroom::parsec {

// base64url with padding (RFC 4648 §5), of text in UTF-8. PsaErrorDataCorrupt for what no encoder
// writes.
Result<std::string> parse_name(std::string_view encoded);

}  // namespace strongroom::parsec
