#pragma once

#include "providers/facets.h"
#include "providers/pkcs11/facets/access.h"

namespace strongroom::pkcs11 {

// HMAC and CMAC in the token, in full: cutting and comparing is done here, in constant time,
// because few tokens verify shortened MACs.
class TokenMacSigner final : public MacSigner {
 public:
  explicit TokenMacSigner(Access& access) noexcept : access_(access) {}

  // PsaErrorInvalidArgument for a length to cut to that the MAC does not have.
  Result<Bytes> compute(const KeyRecord& key, const psa::Mac& algorithm, ByteView input) override;
  Result<> verify(const KeyRecord& key, const psa::Mac& algorithm, ByteView input,
                  ByteView mac) override;

 private:
  Access& access_;
};

}  // namespace strongroom::pkcs11
