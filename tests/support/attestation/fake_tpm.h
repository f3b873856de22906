// Statements as a TPM makes them, and others: every field can be what a test wants.
#pragma once

#include <memory>

#include <openssl/evp.h>

#include "base/bytes.h"
#include "strongroom/attestation.h"

namespace strongroom::testing {

struct EvpRelease {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
using OwnedEvp = std::unique_ptr<EVP_PKEY, EvpRelease>;

inline constexpr std::uint32_t kCertifyType = 0x8017;
inline constexpr std::uint32_t kQuoteType = 0x8018;

// TPMS_ATTEST.
struct StatementFields {
  std::uint32_t magic = 0xff544347;
  std::uint32_t type = kCertifyType;
  Bytes qualified_signer;
  Bytes nonce;
  std::uint64_t clock = 5'000;
  std::uint32_t reset_count = 7;
  std::uint32_t restart_count = 3;
  std::uint8_t safe = 1;
  std::uint64_t firmware_version = 0x2019'1023'0016'3636;
  Bytes attested;  // TPMS_CERTIFY_INFO, TPMS_QUOTE_INFO
  Bytes behind;    // what does not belong there
};
Bytes marshalled(const StatementFields& fields);

Bytes sized(ByteView bytes);
Bytes joined(std::initializer_list<ByteView> parts);
Bytes big_endian(std::uint64_t value, std::size_t bytes);

enum class Scheme { Ecdsa, RsaSsa, RsaPss };

// A key as TPMs have them: its pair, and its public area with any attributes.
class FakeKey {
 public:
  FakeKey(Scheme scheme, std::uint32_t attributes);
  const Bytes& public_area() const noexcept { return area_; }
  Bytes name() const;
  // Of a primary key of the endorsement hierarchy.
  Bytes qualified_name() const;
  // TPMT_SIGNATURE.
  Bytes sign(ByteView message) const;
  Bytes subject_public_key_info() const;
  EVP_PKEY* pair() const noexcept { return pair_.get(); }

 private:
  Scheme scheme_;
  OwnedEvp pair_;
  Bytes area_;
};

inline constexpr std::uint32_t kApplicationAttributes = 0x00060472;  // that signs and decrypts
inline constexpr std::uint32_t kAttestationAttributes = 0x00050472;  // restricted, signs

Bytes sha256(ByteView bytes);
// RSAPublicKey, DER.
Bytes rsa_public_key(EVP_PKEY* key);

}  // namespace strongroom::testing
