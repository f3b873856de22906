#pragma once

#include "providers/facets.h"
#include "providers/pkcs11/facets/access.h"

namespace strongroom::pkcs11 {

// Signs in the token. The token pads for RSA what it is given: a DigestInfo for PKCS#1 v1.5, so
// that any hash will do, a digest for PSS. For EdDSA it gets the message. The first signature with
// an EC key of a connection is verified before it is given out: nothing else shows that a private
// object goes with the recorded public key. Software verifies, whatever the token signs.
class TokenSigner final : public Signer {
 public:
  explicit TokenSigner(Access& access) noexcept : access_(access) {}

  // PsaErrorInvalidArgument for a public key and for a hash of another length than the algorithm's.
  Result<Bytes> sign_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                          ByteView hash) override;
  Result<> verify_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                       ByteView hash, ByteView signature) override;
  Result<Bytes> sign_message(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                             ByteView message) override;
  Result<> verify_message(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                          ByteView message, ByteView signature) override;

 private:
  Outcome<Bytes> signed_by(Session& session, const KeyObject& object, const KeyRecord& key,
                           const psa::AsymmetricSignature& algorithm, ByteView hash);
  Result<Bytes> sign_message_itself(const KeyRecord& key, ByteView message);
  Outcome<Bytes> eddsa_signature(Session& session, const KeyObject& object, const KeyRecord& key,
                                 ByteView message);
  // By what software has said of the first signature.
  Outcome<> prove(const KeyRecord& key, const Result<>& verified);

  Access& access_;
};

}  // namespace strongroom::pkcs11
