// What the operations with symmetric ciphers have in common on OpenSSL's side.
#pragma once

#include "base/error.h"
#include "base/secret_buffer.h"
#include "providers/key_record.h"
#include "providers/software/algorithms.h"

namespace strongroom::software {

enum class Direction { Decrypt = 0, Encrypt = 1 };

// Null is not among the answers: PsaErrorNotSupported for what is not offered, PsaErrorDataCorrupt
// for a key of another length than recorded.
Result<const EVP_CIPHER*> cipher_for(const Algorithms& algorithms, const KeyRecord& key, Mode mode);

// PsaErrorInvalidArgument for more than OpenSSL can count in one call.
Result<> check_countable(ByteView input);

// A context that waits for key and IV; lengths of either may be set before.
Result<Owned<EVP_CIPHER_CTX>> context_of(const EVP_CIPHER* cipher, Direction direction);
Result<> set_key(EVP_CIPHER_CTX* context, const KeyRecord& key, ByteView iv);

// A context with both, without padding.
Result<Owned<EVP_CIPHER_CTX>> context_with(const EVP_CIPHER* cipher, Direction direction,
                                           const KeyRecord& key, ByteView iv);

// All of `input` in one piece, which as stream or as whole blocks leaves nothing for the end.
// `output` has room for as many bytes.
Result<> transform(EVP_CIPHER_CTX* context, ByteView input, MutableByteView output);

// Whether the two halves of an XTS key are equal, in the same time whatever they are: IEEE
// 1619-2018 §5.1 and SP 800-38E want different ones.
bool has_equal_halves(const SecretBuffer& key) noexcept;

}  // namespace strongroom::software
