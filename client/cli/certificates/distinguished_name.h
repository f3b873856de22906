// Names of certificates' owners.
#pragma once

#include <string_view>

#include "client/cli/failure.h"
#include "client/cli/keys/der.h"

namespace strongroom::cli {

// A Name (RFC 5280 §4.1.2.4) in DER of what a user writes, in UTF-8: "/C=DE/O=Acme/CN=web", with
// its most general part first, as openssl has it; or "CN=web,O=Acme,C=DE", the other way round
// (RFC 4514). Parts joined by + stand side by side. A backslash takes a separator's meaning away.
Outcome<der::Element> name_from(std::string_view text);

}  // namespace strongroom::cli
