// EdDSA of RFC 8032 over whole messages, without context: Ed25519 and Ed448.
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "providers/software/openssl_handles.h"

namespace strongroom::software {

// R ‖ S, in `size` bytes: what the curve's signatures have.
Result<Bytes> eddsa_signature(EVP_PKEY* pair, std::size_t size, ByteView message);

// PsaErrorInvalidSignature unless S is below the order and the equation of §5.1.7 and §5.2.7 holds
// as it stands, without a multiplication by the cofactor: of the two that the RFC allows the
// stricter.
Result<> verify_eddsa(EVP_PKEY* key, ByteView message, ByteView signature);

}  // namespace strongroom::software
