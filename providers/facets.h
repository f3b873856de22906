// What a place that holds keys can do, in narrow facets. Policy (usage flags, permitted algorithms,
// compatibility, digest lengths) has been enforced before any of these is called; a facet answers
// for cryptography and for lengths that only the algorithm knows. All methods may be called from
// any thread, several at a time: the lane's workers, the loops when the work is short, and the
// store's writer, which tells of destroyed keys.
#pragma once

#include <cstddef>
#include <memory>

#include "base/bytes.h"
#include "base/error.h"
#include "base/psa.h"
#include "base/secret_buffer.h"
#include "providers/attester.h"
#include "providers/key_facets.h"
#include "providers/key_record.h"
#include "providers/multipart.h"

namespace strongroom {

// ECDSA signatures are r‖s, each as long as the curve's order; RSA ones as long as the modulus.
// `algorithm` carries a specific hash, unless it is of a kind that takes none.
class Signer {
 public:
  virtual Result<Bytes> sign_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                                  ByteView hash) = 0;
  // PsaErrorInvalidSignature when the signature does not match.
  virtual Result<> verify_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                               ByteView hash, ByteView signature) = 0;
  // As above over the digest of `message` by the algorithm's hash.
  virtual Result<Bytes> sign_message(const KeyRecord& key,
                                     const psa::AsymmetricSignature& algorithm,
                                     ByteView message) = 0;
  virtual Result<> verify_message(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                                  ByteView message, ByteView signature) = 0;

 protected:
  ~Signer() = default;
};

// Asymmetric encryption. `label` is OAEP's and empty for PKCS#1 v1.5.
class Encrypter {
 public:
  virtual Result<Bytes> encrypt(const KeyRecord& key, const psa::AsymmetricEncryption& algorithm,
                                ByteView plaintext, ByteView label) = 0;
  // PsaErrorInvalidPadding when the padding is wrong, OAEP's and its label included;
  // PsaErrorInvalidArgument for a ciphertext of a length that the key does not have.
  virtual Result<SecretBuffer> decrypt(const KeyRecord& key,
                                       const psa::AsymmetricEncryption& algorithm,
                                       ByteView ciphertext, ByteView label) = 0;

 protected:
  ~Encrypter() = default;
};

// What an AEAD operation takes beside its text.
struct AeadInput {
  ByteView nonce;
  ByteView additional_data;
};

// Ciphertexts carry their tag at the end.
class AeadCipher {
 public:
  // PsaErrorInvalidArgument for a nonce or tag length the algorithm does not have.
  virtual Result<Bytes> encrypt(const KeyRecord& key, const psa::Aead& algorithm,
                                const AeadInput& input, ByteView plaintext) = 0;
  // PsaErrorInvalidSignature when the tag does not match; no plaintext is given out then.
  virtual Result<SecretBuffer> decrypt(const KeyRecord& key, const psa::Aead& algorithm,
                                       const AeadInput& input, ByteView ciphertext) = 0;

  // In parts; the key is not asked for again. PsaErrorNotSupported for an algorithm that the
  // provider has in one piece alone, else as above.
  virtual Result<std::unique_ptr<EncryptionInParts>> begin_encryption(const KeyRecord&,
                                                                      const psa::Aead&,
                                                                      const AeadInput&) {
    return fail(Status::PsaErrorNotSupported, "the provider encrypts in one piece alone");
  }
  virtual Result<std::unique_ptr<DecryptionInParts>> begin_decryption(const KeyRecord&,
                                                                      const psa::Aead&,
                                                                      const AeadInput&) {
    return fail(Status::PsaErrorNotSupported, "the provider decrypts in one piece alone");
  }

 protected:
  ~AeadCipher() = default;
};

// Unauthenticated encryption. Ciphertexts begin with their random IV where the mode has one.
class Cipher {
 public:
  virtual Result<Bytes> encrypt(const KeyRecord& key, psa::Cipher algorithm,
                                ByteView plaintext) = 0;
  virtual Result<SecretBuffer> decrypt(const KeyRecord& key, psa::Cipher algorithm,
                                       ByteView ciphertext) = 0;

 protected:
  ~Cipher() = default;
};

class MacSigner {
 public:
  virtual Result<Bytes> compute(const KeyRecord& key, const psa::Mac& algorithm,
                                ByteView input) = 0;
  // PsaErrorInvalidSignature when the MAC does not match.
  virtual Result<> verify(const KeyRecord& key, const psa::Mac& algorithm, ByteView input,
                          ByteView mac) = 0;

 protected:
  ~MacSigner() = default;
};

class Hasher {
 public:
  virtual Result<Bytes> compute(psa::Hash algorithm, ByteView input) = 0;
  // In parts.
  virtual Result<std::unique_ptr<HashInParts>> begin(psa::Hash) {
    return fail(Status::PsaErrorNotSupported, "the provider hashes in one piece alone");
  }

 protected:
  ~Hasher() = default;
};

class KeyAgreer {
 public:
  // `peer` is a public key in the export format. PsaErrorInvalidArgument when it is not one of the
  // same group, and for a degenerate shared secret.
  virtual Result<SecretBuffer> agree(const KeyRecord& key, psa::RawKeyAgreement algorithm,
                                     ByteView peer) = 0;

 protected:
  ~KeyAgreer() = default;
};

class RandomSource {
 public:
  // Exactly `size` bytes.
  virtual Result<SecretBuffer> generate(std::size_t size) = 0;

 protected:
  ~RandomSource() = default;
};

}  // namespace strongroom
