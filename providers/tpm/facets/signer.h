#pragma once

#include "providers/facets.h"
#include "providers/tpm/facets/access.h"

namespace strongroom::tpm {

// Signs in the TPM, verifies in software. RSA signatures name their hash to the TPM, which must
// have it. ECDSA signs the number that a digest stands for: any digest is brought to the length of
// one that the TPM has (SEC 1 §4.1.3), so that any hash will do. PSS signatures have a salt as long
// as the TPM draws it: of a pair both lengths that TPMs have are verified, the hash's and the
// longest.
class TpmSigner final : public Signer {
 public:
  explicit TpmSigner(Access& access) noexcept : access_(access) {}

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
  Result<Bytes> hash_of(const psa::AsymmetricSignature& algorithm, ByteView message);
  Result<> check_verification(const KeyRecord& key, const psa::AsymmetricSignature& algorithm);

  Access& access_;
};

}  // namespace strongroom::tpm
