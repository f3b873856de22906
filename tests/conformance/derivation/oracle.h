// A second opinion about key derivations: libcrypto's own EVP_KDF, and PSA's rules for keys written
// out once more.
#pragma once

#include "providers/facets.h"

namespace strongroom::conformance::oracle {

// The first `size` bytes of output; empty when libcrypto refuses.
Bytes derived(const psa::KeyDerivation& algorithm, ByteView secret, const DerivationInput& input,
              std::size_t size);

// The private key on a Weierstrass curve that the output gives; `redraws` counts candidates that
// were too large. `order` is big-endian.
Bytes scalar_out_of(ByteView output, ByteView order, std::size_t scalar_size, int& redraws);

}  // namespace strongroom::conformance::oracle
