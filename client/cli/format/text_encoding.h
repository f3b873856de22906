// Bytes as text: hexadecimal and base64 (RFC 4648 §4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "strongroom/secret_bytes.h"

namespace strongroom::cli {

std::string to_base64(ByteView bytes);
// Likewise, of bytes that may be secret.
SecretBytes base64_text(ByteView bytes);
SecretBytes hex_text(ByteView bytes);
// Both skip white space; nullopt for what is not in the alphabet or incomplete.
std::optional<SecretBytes> from_base64(std::string_view text);
std::optional<SecretBytes> from_hex(std::string_view text);

}  // namespace strongroom::cli
