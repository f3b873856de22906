// EVP_PKEYs out of key data.
#pragma once

#include "base/error.h"
#include "providers/key_record.h"
#include "providers/software/openssl_handles.h"

namespace strongroom::software {

// `openssl_type` is "RSA" or "EC", `selection` EVP_PKEY_KEYPAIR or EVP_PKEY_PUBLIC_KEY.
// PsaErrorInvalidArgument when the parameters make no key.
Result<Owned<EVP_PKEY>> key_from_parameters(const char* openssl_type, int selection,
                                            OSSL_PARAM* parameters);

// A context for operations with `key`.
Result<Owned<EVP_PKEY_CTX>> context_for(EVP_PKEY* key);

// Another context like `prepared`, for one operation.
Result<Owned<EVP_PKEY_CTX>> duplicate_of(const EVP_PKEY_CTX& prepared);

// The pair or the public key that an asymmetric record holds.
Result<Owned<EVP_PKEY>> key_of_record(const KeyRecord& record);

}  // namespace strongroom::software
