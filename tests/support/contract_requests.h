// A well-formed body for every operation, and the requests that carry them.
#pragma once

#include "protocol/frame.h"
#include "protocol/opcode.h"
#include "protocol/psa_codec.h"
#include "tests/support/attributes.h"

namespace strongroom::testing {

// A body that every provider with the facet serves, about the key `name`; unless it is about an
// operation in parts that is open, which none is here.
Bytes valid_body(Opcode opcode, std::string_view name = "web");
inline bool needs_open_operation(Opcode opcode) noexcept {
  return opcode == Opcode::MultipartUpdate || opcode == Opcode::MultipartFinish;
}

// The body of PsaGenerateKey and PsaImportKey.
Bytes generate_body(std::string_view name, const psa::KeyAttributes& attributes);
Bytes import_body(std::string_view name, const psa::KeyAttributes& attributes, ByteView data);

// A request to where the operation is served, from the uid that the test runs as. It asks to keep
// the connection where that is needed.
Request request_of(Opcode opcode, Bytes body);

// The auth bytes of a uid.
Bytes uid_auth(uid_t uid);

}  // namespace strongroom::testing
