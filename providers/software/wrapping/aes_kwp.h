// AES key wrap with padding: KWP of NIST SP 800-38F §6.3, which is RFC 5649.
#pragma once

#include <cstddef>

#include "base/error.h"
#include "base/secret_buffer.h"
#include "providers/software/openssl_handles.h"

namespace strongroom::software {

// What `cipher`, an AES in that mode, makes of one byte or more under a key of its length.
Result<Bytes> kwp_wrapped(const EVP_CIPHER* cipher, const SecretBuffer& key, ByteView data);

// PsaErrorInvalidSignature for anything that was not made so, whatever is wrong with it; `wrapped`
// has a length as below.
Result<SecretBuffer> kwp_unwrapped(const EVP_CIPHER* cipher, const SecretBuffer& key,
                                   ByteView wrapped);

// Whole blocks of 8 bytes, at least two, and no more than the longest key becomes.
bool is_kwp_size(std::size_t bytes) noexcept;

}  // namespace strongroom::software
