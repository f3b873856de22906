// Operations over data that comes in parts, as facets begin them (providers/facets.h). Each belongs
// to one thread at a time. What has failed is good for nothing but to be destroyed, which may
// happen on any thread and after the provider has gone: an operation holds what that takes, and
// wipes it. Nothing else is called once its provider has gone.
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "base/secret_buffer.h"

namespace strongroom {

class HashInParts {
 public:
  virtual ~HashInParts() = default;
  virtual Result<> update(ByteView data) = 0;
  // Last.
  virtual Result<Bytes> finish() = 0;
};

// The parts of a ciphertext, one after the other, and then the tag.
class EncryptionInParts {
 public:
  struct End {
    Bytes ciphertext;  // that was still to come
    Bytes tag;
  };
  virtual ~EncryptionInParts() = default;
  // PsaErrorInvalidArgument for more than the algorithm encrypts with one nonce.
  virtual Result<Bytes> update(ByteView plaintext) = 0;
  // Last.
  virtual Result<End> finish() = 0;
};

// Gives out text that is not verified before the end.
class DecryptionInParts {
 public:
  virtual ~DecryptionInParts() = default;
  // As for encryption.
  virtual Result<SecretBuffer> update(ByteView ciphertext) = 0;
  // Last, with what was still to come. PsaErrorInvalidSignature when the tag is another one,
  // PsaErrorInvalidArgument when it is of another length.
  virtual Result<SecretBuffer> finish(ByteView tag) = 0;
};

}  // namespace strongroom
