// Verification by libcrypto here, with a public key from a file and without a service.
#pragma once

#include "client/cli/commands/data/signing.h"
#include "client/cli/keys/key_material.h"

namespace strongroom::cli {

// A signature of ECDSA is r‖s, as the service takes it. BadSignature when it does not match;
// NotSupported for keys and hashes that libcrypto lacks.
Outcome<> verify_here(const KeyMaterial& public_key, const Signable& input, ByteView signature);

}  // namespace strongroom::cli
