// The structures of TPM 2.0 r1.59 Part 2 that statements consist of. Views of what they were read
// from.
#pragma once

#include <variant>

#include "strongroom/attestation.h"

namespace strongroom::attestation {

// TPMI_ALG_… that are read here: Part 2 §6.3.
enum class Algorithm : std::uint16_t {
  Rsa = 0x0001,
  Sha1 = 0x0004,
  Aes = 0x0006,
  Sha256 = 0x000b,
  Sha384 = 0x000c,
  Sha512 = 0x000d,
  Null = 0x0010,
  RsaSsa = 0x0014,
  RsaEs = 0x0015,
  RsaPss = 0x0016,
  Oaep = 0x0017,
  EcDsa = 0x0018,
  EcDh = 0x0019,
  Ecc = 0x0023,
};

// TPMT_PUBLIC, §12.2.4.
struct RsaKey {
  std::uint16_t bits;
  std::uint32_t exponent;  // 0 stands for 65537
  ByteView modulus;
};
struct EccKey {
  std::uint16_t curve;
  ByteView x;
  ByteView y;
};
struct PublicArea {
  Algorithm name_algorithm;
  std::uint32_t attributes;
  std::variant<RsaKey, EccKey> key;
};
Verified<PublicArea> public_area_in(ByteView bytes);

// TPMT_SIGNATURE, §11.3.4.
struct RsaSignature {
  bool is_pss;
  ByteView number;
};
struct EcdsaSignature {
  ByteView r;
  ByteView s;
};
struct Signature {
  Algorithm hash;
  std::variant<RsaSignature, EcdsaSignature> numbers;
};
Verified<Signature> signature_in(ByteView bytes);

// TPMS_ATTEST, §10.12.12.
struct BankSelection {
  std::uint16_t bank;
  std::vector<std::uint32_t> registers;  // ascending
};
struct CertifyInfo {
  ByteView name;
  ByteView qualified_name;
};
struct QuoteInfo {
  std::vector<BankSelection> selections;
  ByteView digest;
};
struct Statement {
  ByteView qualified_signer;
  ByteView nonce;
  ClockInfo clock;
  std::uint64_t firmware_version;
  std::variant<CertifyInfo, QuoteInfo> attested;
};
enum class StatementType : std::uint16_t { Certify = 0x8017, Quote = 0x8018 };
// Field::Magic and Field::Type for other statements.
Verified<Statement> statement_in(ByteView bytes, StatementType type);

}  // namespace strongroom::attestation
