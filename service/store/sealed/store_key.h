// The key that seals the store, as the store keeps it: wrapped.
#pragma once

#include "base/error.h"
#include "service/store/sealed/sealing.h"

namespace strongroom {

// Random, made once with the database, and never on disk but wrapped under the input keying
// material of its source; changing the source rewraps one row.
struct WrappedStoreKey {
  // salt (32) ‖ ciphertext (32) ‖ tag (16): sealed as SealedKind::WrappedKey, with associated data
  // "strongroom store key" or "strongroom store key, recovery", by a Sealer whose key is the input
  // keying material.
  Bytes wrapped;
  // 32 bytes of HKDF of the store key with info "strongroom check value v1".
  Bytes check_value;
};

// Whose material it is; the one's wrap does not open as the other's.
enum class WrappedBy { Source, RecoverySecret };

Result<SecretBuffer> generate_store_key();
Result<Bytes> check_value_of(const Sealer& store_key);
Result<WrappedStoreKey> wrap_store_key(ByteView keying_material, const Sealer& store_key,
                                       WrappedBy by);

// Verified against the check value before anything else is opened. PsaErrorDataCorrupt when the
// keying material is not the one it was wrapped with.
Result<Sealer> unwrap_store_key(ByteView keying_material, const WrappedStoreKey& wrapped,
                                WrappedBy by);

}  // namespace strongroom
