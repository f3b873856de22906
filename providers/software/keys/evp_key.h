// EVP_PKEYs out of key data.
#pragma once

#include "base/error.h"
#include "providers/key_record.h"
#include "providers/software/openssl_handles.h"

namespace strongroom::software {

// `openssl_type` is "RSA", "EC" or "DH", `selection` EVP_PKEY_KEYPAIR, EVP_PKEY_PUBLIC_KEY or
// EVP_PKEY_KEY_PARAMETERS. PsaErrorInvalidArgument when the parameters make no key.
Result<Owned<EVP_PKEY>> key_from_parameters(const char* openssl_type, int selection,
                                            OSSL_PARAM* parameters);

// Keys that are strings of bytes: those of RFC 7748 and RFC 8032, of the right length.
Result<Owned<EVP_PKEY>> pair_from_bytes(const char* openssl_type, ByteView secret);
Result<Owned<EVP_PKEY>> public_key_from_bytes(const char* openssl_type, ByteView encoded);
// Of such a pair, `size` bytes.
Result<Bytes> public_bytes_of(const EVP_PKEY* pair, std::size_t size);

// Makes a new pair in the group or on the curve of that name.
Result<Owned<EVP_PKEY>> generated_in_group(const char* openssl_type, const char* group);

// A context for operations with `key`.
Result<Owned<EVP_PKEY_CTX>> context_for(EVP_PKEY* key);

// PsaErrorInvalidArgument when libcrypto finds the public key no valid one of its group: SP 800-56A
// Rev. 3 §5.6.2.3, with the multiplication that shows it to be of the right order.
Result<> check_public_key(EVP_PKEY* key);

// Another context like `prepared`, for one operation.
Result<Owned<EVP_PKEY_CTX>> duplicate_of(const EVP_PKEY_CTX& prepared);

// The pair or the public key that an asymmetric record holds.
Result<Owned<EVP_PKEY>> key_of_record(const KeyRecord& record);

}  // namespace strongroom::software
