// Fixed keys, so that runs are repeatable and need no time for generating.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace strongroom::conformance {

// RSAPrivateKey of 1024, 2048, 3072 or 4096 bits.
Bytes rsa_pair_der(std::uint32_t bits);

struct EcTestKey {
  std::uint32_t bits;  // of a SECP_R1 curve
  Bytes scalar;
  Bytes point;   // its public key
  Bytes peer;    // somebody else's public key
  Bytes shared;  // what ECDH of the two gives
};

// One each for P-256, P-384 and P-521.
const std::vector<EcTestKey>& ec_test_keys();
const EcTestKey& ec_test_key(std::uint32_t bits);

// RFC 8032 §7.1 TEST 1 and §7.4 Blank.
struct EdwardsTestKey {
  Bytes secret;
  Bytes point;
};
EdwardsTestKey edwards_test_key(std::uint32_t bits);

}  // namespace strongroom::conformance
