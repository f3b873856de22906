// The plaintext of a sealed record.
#pragma once

#include "base/error.h"
#include "providers/key_record.h"

namespace strongroom {

// What is sealed of a key: everything but what stands in clear columns beside it.
struct RecordContent {
  psa::KeyAttributes attributes;
  SecretBuffer material;
  Bytes public_key;
};

// Format 1, integers big-endian, `string` = 4 bytes of length and as many bytes:
//   u8      format: 1
//   u8      key type kind (psa::KeyType::Kind)
//   u8      curve family, 0 for none (psa::EccFamily)
//   u32     key bits, never 0
//   u32     usage, one bit a flag, lowest first in the order of psa::UsageFlags
//   u8      algorithm: index of the alternative in psa::Algorithm, 0 to 8; then its fields:
//             1 Hash                  u8 hash
//             2 Mac                   u8 kind, u8 hash or 0, size: truncated
//             3 Cipher                u8 cipher
//             4 Aead                  u8 kind, size: shortened tag
//             5 AsymmetricSignature   u8 kind, u8 hash or 0
//             6 AsymmetricEncryption  u8 kind, u8 hash or 0
//             7 KeyAgreement          u8 raw, u8 derivation kind or 0, u8 its hash or 0
//             8 KeyDerivation         u8 kind, u8 hash
//   string  public key
//   string  material
// Nothing follows. `size` is u8 0 and nothing for none, u8 1 and u32 for one. Numbers of
// enumerators are those of base/psa.h, which are the contracts' and do not change.
// PsaErrorInvalidArgument for attributes that decoding would refuse (an HMAC without hash).
Result<SecretBuffer> encode_content(const psa::KeyAttributes& attributes, ByteView material,
                                    ByteView public_key);

// Total: gives a value or PsaErrorDataCorrupt for any bytes, and allocates no more than they hold.
Result<RecordContent> decode_content(ByteView plaintext);

}  // namespace strongroom
