// PKCS#11 URIs (RFC 7512), as far as their shape goes; whether there is such a token is p11-kit's
// to say.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "config/settings.h"

namespace strongroom::config {

// Of a token and its module. What is wrong completes "'uri' …", and shows names of attributes
// alone: values may be a PIN.
std::expected<TokenUri, std::string> token_uri_from(std::string_view text);

}  // namespace strongroom::config
