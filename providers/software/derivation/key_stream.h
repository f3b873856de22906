// What a key derivation puts out: HKDF (RFC 5869) and the PRF of TLS 1.2 (RFC 5246 §5), the latter
// also from a pre-shared key (RFC 4279 §2).
#pragma once

#include "base/secret_buffer.h"
#include "providers/facets.h"
#include "providers/software/algorithms.h"
#include "providers/software/derivation/hmac.h"

namespace strongroom::software {

// The output from its beginning, piece by piece. Owned by one thread at a time; what `input` refers
// to outlives it.
class KeyStream {
 public:
  // With an algorithm that check_derivation() lets pass.
  static Result<KeyStream> of(const Algorithms& algorithms, const psa::KeyDerivation& algorithm,
                              ByteView secret, const DerivationInput& input);

  // Fills `out` with what comes next. PsaErrorInvalidArgument when the algorithm has no more: HKDF
  // has 255 digests, RFC 5869 §2.3.
  Result<> read(MutableByteView out);

 private:
  KeyStream(psa::KeyDerivation::Kind kind, const DerivationInput& input, Hmac hmac) noexcept
      : kind_(kind), input_(input), hmac_(std::move(hmac)) {}

  Result<> go_on();
  Result<SecretBuffer> next_of_hkdf();
  Result<SecretBuffer> next_of_tls();

  psa::KeyDerivation::Kind kind_;
  DerivationInput input_;
  Hmac hmac_;  // with HKDF's pseudorandom key, or TLS's secret
  unsigned blocks_ = 0;
  SecretBuffer chain_;  // A(i) of TLS
  SecretBuffer block_;
  std::size_t taken_ = 0;  // of the block
};

}  // namespace strongroom::software
