// Other names of a certificate's owner: those that TLS clients compare.
#pragma once

#include <string_view>

#include "client/cli/failure.h"
#include "client/cli/keys/der.h"

namespace strongroom::cli {

// GeneralNames (RFC 5280 §4.2.1.6) in DER of "DNS:www.example.org,IP:192.0.2.1,email:…,URI:…". A
// comma that no kind of name follows belongs to the name. Usage for what is none of its kind.
Outcome<der::Element> alternative_names_from(std::string_view list);

}  // namespace strongroom::cli
