#include "client/c_api/psa_mapping.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/contract_values.h"
#include "tests/unit/client/client_matchers.h"

namespace strongroom::c_api {
namespace {

using testing::FailsFrom;
using testing::IsOk;
using EccFamily = psa::EccFamily;
using Hash = psa::Hash;
using Kind = psa::KeyType::Kind;

// The numbers are copied from the tables of the PSA Crypto API 1.1, and of 1.4 for key wrapping,
// not made by our macros.

struct KeyTypeRow {
  strongroom_key_type value;
  psa::KeyType type;
};
const KeyTypeRow kKeyTypes[] = {
    {0x1001, {Kind::RawData}},
    {0x1100, {Kind::Hmac}},
    {0x1200, {Kind::Derive}},
    {0x2400, {Kind::Aes}},
    {0x2301, {Kind::Des}},
    {0x2403, {Kind::Camellia}},
    {0x2002, {Kind::Arc4}},
    {0x2004, {Kind::Chacha20}},
    {0x4001, {Kind::RsaPublicKey}},
    {0x7001, {Kind::RsaKeyPair}},
    {0x4117, {Kind::EccPublicKey, EccFamily::SecpK1}},
    {0x7117, {Kind::EccKeyPair, EccFamily::SecpK1}},
    {0x4112, {Kind::EccPublicKey, EccFamily::SecpR1}},
    {0x7112, {Kind::EccKeyPair, EccFamily::SecpR1}},
    {0x411b, {Kind::EccPublicKey, EccFamily::SecpR2}},
    {0x711b, {Kind::EccKeyPair, EccFamily::SecpR2}},
    {0x4127, {Kind::EccPublicKey, EccFamily::SectK1}},
    {0x7127, {Kind::EccKeyPair, EccFamily::SectK1}},
    {0x4122, {Kind::EccPublicKey, EccFamily::SectR1}},
    {0x7122, {Kind::EccKeyPair, EccFamily::SectR1}},
    {0x412b, {Kind::EccPublicKey, EccFamily::SectR2}},
    {0x712b, {Kind::EccKeyPair, EccFamily::SectR2}},
    {0x4130, {Kind::EccPublicKey, EccFamily::BrainpoolPR1}},
    {0x7130, {Kind::EccKeyPair, EccFamily::BrainpoolPR1}},
    {0x4133, {Kind::EccPublicKey, EccFamily::Frp}},
    {0x7133, {Kind::EccKeyPair, EccFamily::Frp}},
    {0x4141, {Kind::EccPublicKey, EccFamily::Montgomery}},
    {0x7141, {Kind::EccKeyPair, EccFamily::Montgomery}},
    {0x4142, {Kind::EccPublicKey, EccFamily::TwistedEdwards}},
    {0x7142, {Kind::EccKeyPair, EccFamily::TwistedEdwards}},
    {0x4203, {Kind::DhPublicKey}},
    {0x7203, {Kind::DhKeyPair}},
};

struct HashRow {
  std::uint32_t low_byte;
  Hash hash;
};
const HashRow kHashes[] = {
    {0x01, Hash::Md2},        {0x02, Hash::Md4},        {0x03, Hash::Md5},
    {0x04, Hash::Ripemd160},  {0x05, Hash::Sha1},       {0x08, Hash::Sha224},
    {0x09, Hash::Sha256},     {0x0a, Hash::Sha384},     {0x0b, Hash::Sha512},
    {0x0c, Hash::Sha512_224}, {0x0d, Hash::Sha512_256}, {0x10, Hash::Sha3_224},
    {0x11, Hash::Sha3_256},   {0x12, Hash::Sha3_384},   {0x13, Hash::Sha3_512},
};

struct AlgorithmRow {
  strongroom_algorithm value;
  psa::Algorithm algorithm;
};

void add_with_hash(std::vector<AlgorithmRow>& rows, const HashRow& row) {
  const auto& [low, hash] = row;
  using Signature = psa::AsymmetricSignature;
  using Derivation = psa::KeyDerivation;
  rows.insert(
      rows.end(),
      {
          {0x02000000 | low, hash},
          {0x03800000 | low, psa::Mac{psa::Mac::Kind::Hmac, hash}},
          {0x03880000 | low, psa::Mac{psa::Mac::Kind::Hmac, hash, 8}},
          {0x06000200 | low, Signature{Signature::Kind::RsaPkcs1v15, hash}},
          {0x06000300 | low, Signature{Signature::Kind::RsaPss, hash}},
          {0x06000600 | low, Signature{Signature::Kind::Ecdsa, hash}},
          {0x06000700 | low, Signature{Signature::Kind::DeterministicEcdsa, hash}},
          {0x07000300 | low,
           psa::AsymmetricEncryption{psa::AsymmetricEncryption::Kind::RsaOaep, hash}},
          {0x08000100 | low, Derivation{Derivation::Kind::Hkdf, hash}},
          {0x08000200 | low, Derivation{Derivation::Kind::Tls12Prf, hash}},
          {0x08000300 | low, Derivation{Derivation::Kind::Tls12PskToMs, hash}},
          {0x8b800300 | low, psa::KeyWrap{psa::KeyWrap::Kind::RsaOaepAesKwp, hash}},
          {0x09010100 | low,
           psa::KeyAgreement{psa::RawKeyAgreement::Ffdh, Derivation{Derivation::Kind::Hkdf, hash}}},
          {0x09020200 | low, psa::KeyAgreement{psa::RawKeyAgreement::Ecdh,
                                               Derivation{Derivation::Kind::Tls12Prf, hash}}},
          {0x09020300 | low, psa::KeyAgreement{psa::RawKeyAgreement::Ecdh,
                                               Derivation{Derivation::Kind::Tls12PskToMs, hash}}},
      });
}

std::vector<AlgorithmRow> algorithm_rows() {
  using Signature = psa::AsymmetricSignature;
  std::vector<AlgorithmRow> rows = {
      {0x00000000, psa::NoAlgorithm{}},
      {0x03c00100, psa::Mac{psa::Mac::Kind::CbcMac}},
      {0x03c00200, psa::Mac{psa::Mac::Kind::Cmac}},
      {0x03c40200, psa::Mac{psa::Mac::Kind::Cmac, std::nullopt, 4}},
      {0x03ff0100, psa::Mac{psa::Mac::Kind::CbcMac, std::nullopt, 63}},
      {0x04800100, psa::Cipher::StreamCipher},
      {0x04c01000, psa::Cipher::Ctr},
      {0x04c01100, psa::Cipher::Cfb},
      {0x04c01200, psa::Cipher::Ofb},
      {0x0440ff00, psa::Cipher::Xts},
      {0x04404400, psa::Cipher::EcbNoPadding},
      {0x04404000, psa::Cipher::CbcNoPadding},
      {0x04404100, psa::Cipher::CbcPkcs7},
      {0x05500100, psa::Aead{psa::Aead::Kind::Ccm}},
      {0x05500200, psa::Aead{psa::Aead::Kind::Gcm}},
      {0x05100500, psa::Aead{psa::Aead::Kind::Chacha20Poly1305}},
      {0x05440100, psa::Aead{psa::Aead::Kind::Ccm, 4}},
      {0x054c0200, psa::Aead{psa::Aead::Kind::Gcm, 12}},
      {0x053f0500, psa::Aead{psa::Aead::Kind::Chacha20Poly1305, 63}},
      {0x06000200, Signature{Signature::Kind::RsaPkcs1v15Raw}},
      {0x06000600, Signature{Signature::Kind::EcdsaAny}},
      {0x06000800, Signature{Signature::Kind::PureEddsa}},
      {0x0bc00200, psa::KeyWrap{psa::KeyWrap::Kind::AesKwp}},
      {0x060002ff, Signature{Signature::Kind::RsaPkcs1v15}},
      {0x060003ff, Signature{Signature::Kind::RsaPss}},
      {0x060006ff, Signature{Signature::Kind::Ecdsa}},
      {0x060007ff, Signature{Signature::Kind::DeterministicEcdsa}},
      {0x07000200, psa::AsymmetricEncryption{psa::AsymmetricEncryption::Kind::RsaPkcs1v15}},
      {0x09010000, psa::KeyAgreement{psa::RawKeyAgreement::Ffdh}},
      {0x09020000, psa::KeyAgreement{psa::RawKeyAgreement::Ecdh}},
  };
  for (const HashRow& row : kHashes)
    add_with_hash(rows, row);
  return rows;
}

TEST(PsaMapping, KeyTypesHaveTheirPsaValuesBothWays) {
  for (const auto& [value, type] : kKeyTypes) {
    SCOPED_TRACE(fmt::format("0x{:04x}", value));
    EXPECT_EQ(psa_value(type), value);
    ClientResult<psa::KeyType> read = key_type_from(value);
    ASSERT_THAT(read, IsOk());
    EXPECT_EQ(*read, type);
  }
}

TEST(PsaMapping, NoOtherNumberIsAKeyType) {
  std::size_t known = 0;
  for (std::uint32_t value = 0; value <= UINT16_MAX; ++value)
    if (key_type_from(static_cast<strongroom_key_type>(value))) ++known;
  EXPECT_EQ(known, std::size(kKeyTypes));
  // None, a password, ARIA, a curve without family, another group, a vendor's.
  for (int value : {0x0000, 0x1203, 0x2406, 0x7100, 0x7204, 0x8000})
    EXPECT_THAT(key_type_from(static_cast<strongroom_key_type>(value)),
                FailsFrom(ErrorSource::Caller, Status::PsaErrorNotSupported));
}

TEST(PsaMapping, AlgorithmsHaveTheirPsaValuesBothWays) {
  for (const auto& [value, algorithm] : algorithm_rows()) {
    SCOPED_TRACE(fmt::format("0x{:08x}, {}", value, psa::to_string(algorithm)));
    EXPECT_EQ(psa_value(algorithm), value);
    ClientResult<psa::Algorithm> read = algorithm_from(value);
    ASSERT_THAT(read, IsOk());
    EXPECT_EQ(*read, algorithm);
  }
}

TEST(PsaMapping, EverythingTheContractsCarryHasAValueThatLeadsBack) {
  for (const auto& [type, bits] : testing::all_key_types())
    EXPECT_EQ(key_type_from(psa_value(type)).value(), type);
  for (const psa::Algorithm& algorithm : testing::all_algorithms()) {
    const auto* aead = std::get_if<psa::Aead>(&algorithm);
    // Two tests below say what becomes of these.
    if (aead != nullptr && (aead->shortened_tag_size == 0U || aead->shortened_tag_size == 16U))
      continue;
    ClientResult<psa::Algorithm> read = algorithm_from(psa_value(algorithm));
    ASSERT_THAT(read, IsOk()) << psa::to_string(algorithm);
    EXPECT_EQ(*read, algorithm);
  }
}

TEST(PsaMapping, AlgorithmsThatParsecLacksAreNotSupported) {
  for (strongroom_algorithm value : {
           0x02000014U,  // SM3
           0x02000000U,  // no hash
           0x020000ffU,  // any hash, by itself
           0x038000ffU,  // HMAC of any hash
           0x03c08200U,  // CMAC of at least some length
           0x04c01300U,  // CCM* without tag
           0x05400200U,  // GCM with a tag of no bytes
           0x05508200U,  // GCM with a tag of at least 16 bytes
           0x06001309U,  // RSA-PSS with any salt
           0x06000300U,  // RSA-PSS without a hash
           0x060008ffU,  // Ed25519 and Ed448 over a hash
           0x0600090bU,  // Ed25519ph
           0x07000300U,  // OAEP without a hash
           0x070003ffU,  // OAEP with any hash
           0x08000409U,  // HKDF-Extract
           0x08800109U,  // PBKDF2
           0x09020100U,  // ECDH and HKDF without a hash
           0x09030000U,  // another agreement
           0x0a000100U,  // password authentication
           0x0b400100U,  // AES-KW without padding
           0x0bc00209U,  // AES-KWP with a hash
           0x8b800300U,  // RSA-OAEP and AES-KWP without one
           0x8b800200U,
           0x01000000U,  // no category
           0x80000000U,  // a vendor's
           0x82000009U,
       })
    EXPECT_THAT(algorithm_from(value), FailsFrom(ErrorSource::Caller, Status::PsaErrorNotSupported))
        << fmt::format("0x{:08x}", value);
}

TEST(PsaMapping, LengthsWithoutAValueAreNotEncodable) {
  for (std::uint32_t size : {0U, 64U, 65U, 1U << 16U}) {
    EXPECT_EQ(psa_value(psa::Mac{psa::Mac::Kind::Cmac, std::nullopt, size}),
              STRONGROOM_ALG_UNENCODABLE);
    EXPECT_EQ(psa_value(psa::Aead{psa::Aead::Kind::Gcm, size}), STRONGROOM_ALG_UNENCODABLE);
  }
}

TEST(PsaMapping, TagShortenedToItsOwnLengthIsTheAlgorithmItself) {
  EXPECT_EQ(psa_value(psa::Aead{psa::Aead::Kind::Gcm, 16}), 0x05500200U);
}

TEST(PsaMapping, UsageFlagsHaveTheirPsaValuesBothWays) {
  using Flags = psa::UsageFlags;
  const std::pair<strongroom_key_usage, Flags> rows[] = {
      {0x00000000, {}},
      {0x00000001, {.may_export = true}},
      {0x00000002, {.copy = true}},
      {0x00000004, {.cache = true}},
      {0x00000100, {.encrypt = true}},
      {0x00000200, {.decrypt = true}},
      {0x00000400, {.sign_message = true}},
      {0x00000800, {.verify_message = true}},
      {0x00001000, {.sign_hash = true}},
      {0x00002000, {.verify_hash = true}},
      {0x00004000, {.derive = true}},
      {0x00010000, {.wrap = true}},
      {0x00020000, {.unwrap = true}},
      {0x00004101, {.may_export = true, .encrypt = true, .derive = true}},
  };
  for (const auto& [value, flags] : rows) {
    EXPECT_EQ(psa_value(flags), value);
    ClientResult<Flags> read = usage_from(value);
    ASSERT_THAT(read, IsOk());
    EXPECT_EQ(*read, flags);
  }
}

TEST(PsaMapping, UsageFlagsThatParsecLacksAreNotSupported) {
  for (strongroom_key_usage value : {0x8000U, 0x80000000U, 0x00000008U, 0x00009000U, 0x00040000U})
    EXPECT_THAT(usage_from(value), FailsFrom(ErrorSource::Caller, Status::PsaErrorNotSupported));
}

TEST(PsaMapping, AlgorithmOfAnotherKindIsAnInvalidArgument) {
  EXPECT_THAT(algorithm_as<psa::Mac>(0x05500200, "a MAC"),
              FailsFrom(ErrorSource::Caller, Status::PsaErrorInvalidArgument));
  EXPECT_THAT(algorithm_as<psa::Aead>(0x05500200, "an AEAD"), IsOk());
  EXPECT_THAT(raw_agreement_from(0x09020109),
              FailsFrom(ErrorSource::Caller, Status::PsaErrorInvalidArgument));
  EXPECT_EQ(raw_agreement_from(0x09020000).value(), psa::RawKeyAgreement::Ecdh);
}

}  // namespace
}  // namespace strongroom::c_api
