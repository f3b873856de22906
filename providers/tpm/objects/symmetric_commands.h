// The commands that use symmetric and HMAC keys, one function each, in the terms of TPM 2.0 r1.59
// Part 3. `input` is at most what the TPM's input buffer holds. They belong to the executor.
#pragma once

#include "providers/tpm/objects/commands.h"

namespace strongroom::tpm {

// TPM2_MAC, whose code and form are those of TPM2_HMAC: `algorithm` is a hash, or TPM2_ALG_CMAC.
// The answer is encrypted on the way: it may be what somebody else would have to guess.
Outcome<SecretBuffer> mac(const Secured& secured, const Authorized& key, TPM2_ALG_ID algorithm,
                          ByteView input);

// TPM2_MAC_Start: the handle of a sequence, whose auth value is that of the key.
Outcome<TPM2_HANDLE> start_mac(const Secured& secured, const Authorized& key,
                               TPM2_ALG_ID algorithm);
Outcome<> update_sequence(const Secured& secured, const Authorized& sequence, ByteView input);
// The MAC. The TPM lets go of the sequence.
Outcome<SecretBuffer> complete_sequence(const Secured& secured, const Authorized& sequence,
                                        ByteView input);

struct Chained {
  SecretBuffer output;
  Bytes iv;  // for what follows; empty where the mode has none
};
struct BlockCipher {
  enum class Direction : BYTE { Encrypt = TPM2_NO, Decrypt = TPM2_YES };
  Direction direction;
  TPM2_ALG_ID mode;
  Protection protection;
};
// TPM2_EncryptDecrypt2.
Outcome<Chained> encrypt_decrypt(const Secured& secured, const Authorized& key,
                                 const BlockCipher& cipher, ByteView iv, ByteView input);

}  // namespace strongroom::tpm
