// PEM as openssl writes and reads it: RFC 7468, and the headers of RFC 1421 for encrypted keys.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "client/cli/failure.h"
#include "strongroom/secret_bytes.h"

namespace strongroom::cli {

struct PemBlock {
  std::string label;    // "PRIVATE KEY"
  std::string headers;  // lines with their newlines; mostly none
  SecretBytes data;
};

bool looks_like_pem(std::string_view text) noexcept;

// All blocks of a text, with whatever stands between them left out. InvalidData for a block that
// does not end or is not base64.
Outcome<std::vector<PemBlock>> pem_blocks(std::string_view text);

SecretBytes to_pem(std::string_view label, ByteView data);

}  // namespace strongroom::cli
