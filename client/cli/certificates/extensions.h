// Extensions of certificates (RFC 5280 §4.2), as requests ask for them and certificates carry them.
#pragma once

#include <string_view>

#include "client/cli/failure.h"
#include "client/cli/keys/der.h"

namespace strongroom::cli {

// Whole Extension elements; an empty one is not there.
struct Extensions {
  der::Element basic_constraints;
  der::Element key_usage;
  der::Element extended_key_usage;
  der::Element alternative_names;

  bool is_empty() const {
    return basic_constraints.empty() && key_usage.empty() && extended_key_usage.empty() &&
           alternative_names.empty();
  }
};

der::Element basic_constraints(bool is_authority);
// "digitalSignature,keyCertSign".
Outcome<der::Element> key_usage_from(std::string_view list);
// "serverAuth,clientAuth", and OIDs in dots.
Outcome<der::Element> extended_key_usage_from(std::string_view list);
// `names` are GeneralNames; critical for an owner without another name.
enum class Weight : std::uint8_t { Ordinary, Critical };
der::Element alternative_names_extension(ByteView names, Weight weight);
// By the SHA-1 of the public key's bits (§4.2.1.2, method 1), which is a name and no protection.
Outcome<der::Element> key_identifiers(ByteView public_key_info);

// The SEQUENCE of those that are there; `more` are further Extension elements.
der::Element extension_list(const Extensions& extensions, ByteView more = {});

}  // namespace strongroom::cli
