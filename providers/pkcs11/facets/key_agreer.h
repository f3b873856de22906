#pragma once

#include "providers/facets.h"
#include "providers/pkcs11/facets/access.h"

namespace strongroom::pkcs11 {

// ECDH in the token: the shared point's x, as long as the field, of X25519 and X448 the shared
// string; and FFDH: the shared number, as long as the prime. Peers' keys are checked in software
// before a token sees them. The first agreement with a key of a connection is preceded by one with
// a pair of our own, or with the generator, which shows that the private object goes with the
// recorded public key.
class TokenKeyAgreer final : public KeyAgreer {
 public:
  explicit TokenKeyAgreer(Access& access) noexcept : access_(access) {}

  Result<SecretBuffer> agree(const KeyRecord& key, psa::RawKeyAgreement algorithm,
                             ByteView peer) override;

 private:
  Outcome<SecretBuffer> agreed(Session& session, const KeyObject& object, const KeyRecord& key,
                               ByteView peer);
  Result<> check_order(const KeyRecord& key, ByteView peer);
  Result<KeyRecord> software_pair(const KeyRecord& like);
  Outcome<bool> raises_generator(Session& session, const KeyObject& object, const KeyRecord& key);
  Outcome<bool> agrees_with_own_pair(Session& session, const KeyObject& object,
                                     const KeyRecord& key);
  Outcome<> prove(Session& session, const KeyObject& object, const KeyRecord& key);

  Access& access_;
};

}  // namespace strongroom::pkcs11
