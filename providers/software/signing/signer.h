#pragma once

#include "providers/facets.h"
#include "providers/software/algorithms.h"
#include "providers/software/keys/key_cache.h"

namespace strongroom::software {

// ECDSA, with random and with deterministic numbers (RFC 6979), both RSA paddings, and EdDSA over
// messages (RFC 8032), which takes no hashes: PsaErrorInvalidArgument. The salt of
// PSS is as long as the hash where the modulus leaves room, else as long as it can be; verification
// accepts no other. Raw PKCS#1 v1.5 signs the caller's DigestInfo, whatever it holds.
class EvpSigner final : public Signer {
 public:
  EvpSigner(const Algorithms& algorithms, KeyCache& cache) noexcept
      : algorithms_(algorithms), cache_(cache) {}

  // PsaErrorInvalidArgument for a public key, for a hash of another length than the algorithm's,
  // and where the algorithm names no hash for one that is empty or too long for an RSA modulus.
  Result<Bytes> sign_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                          ByteView hash) override;
  Result<> verify_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                       ByteView hash, ByteView signature) override;
  Result<Bytes> sign_message(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                             ByteView message) override;
  Result<> verify_message(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                          ByteView message, ByteView signature) override;

 private:
  Result<> check(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                 ByteView hash) const;
  // One signature or verification. Members are released last first.
  struct Operation {
    PreparedContext prepared;
    Owned<EVP_PKEY_CTX> context;  // its duplicate, this operation's own
  };

  Result<Operation> begin(const KeyRecord& key, const SignatureUse& use);
  Result<PreparedContext> prepare(const KeyRecord& key, const SignatureUse& use);
  Result<> set_padding(EVP_PKEY_CTX* context, const psa::AsymmetricSignature& algorithm,
                       std::uint32_t modulus_bits) const;
  Result<Bytes> sign_deterministically(const KeyRecord& key, psa::Hash algorithm, ByteView hash);
  Result<Bytes> sign_checked(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                             ByteView hash);
  Result<> verify_checked(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                          ByteView hash, ByteView signature);
  Result<Bytes> sign_purely(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                            ByteView message);
  Result<> verify_purely(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                         ByteView message, ByteView signature);
  Result<Bytes> hash_of(const psa::AsymmetricSignature& algorithm, ByteView message) const;

  const Algorithms& algorithms_;
  KeyCache& cache_;
};

}  // namespace strongroom::software
