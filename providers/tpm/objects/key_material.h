// What the store keeps of a key in a TPM: its auth value and the areas that the TPM has wrapped for
// itself. Sealed with the rest of the record.
#pragma once

#include <optional>

#include "base/secret_buffer.h"
#include "providers/tpm/objects/commands.h"

namespace strongroom::tpm {

// A parent that is not our storage root: the root that Parsec's service makes (parsec_keys.h).
struct ForeignParent {
  UINT16 cipher_bits = 0;
  Bytes name;
};

struct KeyMaterial {
  SecretBuffer auth;
  KeyBlob blob;
  Bytes name;
  std::optional<ForeignParent> parent{};
};

// 256 random bits, so that no guessing is worth counting: keys are exempt from lockout.
inline constexpr std::size_t kAuthSize = 32;

// Format 1: a byte 1, the auth value, TPM2B_PRIVATE, TPM2B_PUBLIC.
Outcome<SecretBuffer> to_stored(ByteView auth, const KeyBlob& blob);
// Format 2, of a key under a foreign parent: a byte 2, the cipher's bits, the parent's name, the
// auth value, both with their sizes, TPM2B_PRIVATE, TPM2B_PUBLIC.
Outcome<SecretBuffer> to_stored(const ForeignParent& parent, ByteView auth, const KeyBlob& blob);
// PsaErrorDataCorrupt for anything else.
Outcome<KeyMaterial> from_stored(const Primitives& primitives, const SecretBuffer& stored);

}  // namespace strongroom::tpm
