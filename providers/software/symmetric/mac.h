#pragma once

#include "providers/facets.h"
#include "providers/software/symmetric/cipher_context.h"

namespace strongroom::software {

// HMAC (FIPS 198-1), CMAC (SP 800-38B) and CBC-MAC (FIPS 113: the last block of CBC with an IV of
// zeros, which is safe for messages of one length only), in full or cut to at least four bytes.
class EvpMacSigner final : public MacSigner {
 public:
  explicit EvpMacSigner(const Algorithms& algorithms) noexcept : algorithms_(algorithms) {}

  // PsaErrorInvalidArgument for a length to cut to that the MAC does not have, and for a CBC-MAC of
  // anything but whole blocks, at least one.
  Result<Bytes> compute(const KeyRecord& key, const psa::Mac& algorithm, ByteView input) override;
  Result<> verify(const KeyRecord& key, const psa::Mac& algorithm, ByteView input,
                  ByteView mac) override;

 private:
  // Secret, because to whom it is shown has not been decided.
  Result<SecretBuffer> mac_of(const KeyRecord& key, const psa::Mac& algorithm,
                              ByteView input) const;
  Result<SecretBuffer> evp_mac_of(const KeyRecord& key, const psa::Mac& algorithm,
                                  ByteView input) const;
  Result<SecretBuffer> cbc_mac_of(const KeyRecord& key, ByteView input) const;

  const Algorithms& algorithms_;
};

}  // namespace strongroom::software
