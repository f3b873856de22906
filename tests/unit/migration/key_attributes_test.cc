// Attributes are read as the service of release 1.4.1 has written them, and nothing else is.
#include "service/migration/key_attributes.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/matchers.h"

namespace strongroom::parsec {
namespace {

using testing::FailsWith;
using testing::IsOk;
using Kind = psa::KeyType::Kind;
using Signature = psa::AsymmetricSignature;

struct Written {
  const char* hex;
  std::string type;  // as psa::to_string() writes it
  std::string algorithm;
};

// What the real service kept when it was asked for such keys.
const Written kWritten[] = {
    {"0100000003000000000100000000000000000001000000000000040000000000000001000000", "aes-256",
     "gcm"},
    {"01000000030000000001000000000000000000000100000000000400000001000000010000000c00000000000000",
     "aes-256", "gcm-tag-12"},
    {"0100000003000000000100000000000001000001010000000000040000000000000000000000", "aes-256",
     "ccm"},
    {"01000000030000008000000000000000000100010000000000000300000001000000", "aes-128", "ctr"},
    {"01000000030000008000000000000000000001010000000000000300000006000000", "aes-128", "cbc"},
    {"01000000030000008000000000000000000000010000000000000300000007000000", "aes-128",
     "cbc-pkcs7"},
    {"01000000030000008000000000000000000000010000000000000300000002000000", "aes-128", "cfb"},
    {"01000000030000008000000000000000000000010000000000000300000003000000", "aes-128", "ofb"},
    {"01000000030000008000000000000000000000010000000000000300000004000000", "aes-128", "xts"},
    {"01000000030000008000000000000000000000010000000000000300000005000000", "aes-128", "ecb"},
    {"0100000003000000800000000000000000000000000100000000020000000000000002000000", "aes-128",
     "cmac"},
    {"0100000003000000800000000000000000000000000001000000020000000000000001000000", "aes-128",
     "cbc-mac"},
    {"0100000007000000000100000000000000000001000000000000040000000000000002000000", "chacha20-256",
     "chacha20-poly1305"},
    {"01000000070000000001000000000000000000010000000000000300000000000000", "chacha20-256",
     "stream"},
    {"01000000050000008000000000000000000000010000000000000300000001000000", "camellia-128", "ctr"},
    {"010000000100000000010000000000000000000000010000000002000000000000000000000006000000",
     "hmac-256", "hmac-sha256"},
    {"010000000100000000010000000000000000000000010000000002000000010000000000000008000000100000000"
     "0000000",
     "hmac-256", "hmac-sha512-truncated-16"},
    {"0100000002000000000100000000000000000000000000000001080000000000000006000000", "derive-256",
     "hkdf-sha256"},
    {"010000000a00000001000000000100000000000000000000000000000001070000000000000001000000",
     "ecc-secp-r1-256", "ecdh"},
    {"010000000a0000000100000000010000000000000000000000010001000005000000050000000000000007000000",
     "ecc-secp-r1-256", "deterministic-ecdsa-sha384"},
    {"010000000a000000010000000001000000000000000000000001000100000500000004000000",
     "ecc-secp-r1-256", "ecdsa-any"},
    {"010000000a00000001000000000100000000000000000000000100010000050000000300000001000000",
     "ecc-secp-r1-256", "ecdsa-any-hash"},
    {"010000000a000000010000000902000000000000000000000001010101000500000003000000000000000e000000",
     "ecc-secp-r1-521", "ecdsa-sha3-512"},
    {"010000000a00000008000000ff0000000000000000000000000000000001070000000000000001000000",
     "ecc-montgomery-255", "ecdh"},
    {"010000000900000000080000000000000000000000010001000005000000020000000000000008000000",
     "rsa-2048", "rsa-pss-sha512"},
    {"01000000090000000008000000000000000000000001000100000500000001000000", "rsa-2048",
     "rsa-pkcs1v15-raw"},
    {"0100000009000000000800000000000000000000000100010000050000000000000001000000", "rsa-2048",
     "rsa-pkcs1v15-any-hash"},
    {"010000000a00000001000000000100000000000000000000000000000001070000000100000001000000000000000"
     "6000000",
     "ecc-secp-r1-256", "ecdh-hkdf-sha256"},
    {"010000000b0000000100000000010000000000000000000000000100010005000000030000000000000006000000",
     "ecc-public-key-secp-r1-256", "ecdsa-sha256"},
    {"010000000800000000080000000000000000000000000100010005000000000000000000000006000000",
     "rsa-public-key-2048", "rsa-pkcs1v15-sha256"},
    {"010000000800000000080000000000000000000000000000000000000000", "rsa-public-key-2048", "none"},
};

class AsWritten : public ::testing::TestWithParam<Written> {};

TEST_P(AsWritten, IsReadToTheEnd) {
  const Bytes stored = testing::from_hex(GetParam().hex);
  const auto read = parse_attributes(stored);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(to_string(read->type, read->bits), GetParam().type);
  EXPECT_EQ(to_string(read->algorithm), GetParam().algorithm);
  for (std::size_t size = 0; size < stored.size(); ++size)
    EXPECT_THAT(parse_attributes(ByteView(stored).first(size)),
                FailsWith(Status::PsaErrorDataCorrupt));
  Bytes longer = stored;
  longer.push_back(std::byte{0});
  EXPECT_THAT(parse_attributes(longer), FailsWith(Status::PsaErrorDataCorrupt));
}

INSTANTIATE_TEST_SUITE_P(KeyAttributes, AsWritten, ::testing::ValuesIn(kWritten));

TEST(KeyAttributes, UsageFlagsStandInTheirOrder) {
  const std::string head = "01000000090000000008000000000000";
  const std::string tail = "00000000";
  using Flags = psa::UsageFlags;
  bool Flags::* const in_order[] = {&Flags::may_export,     &Flags::copy,      &Flags::cache,
                                    &Flags::encrypt,        &Flags::decrypt,   &Flags::sign_message,
                                    &Flags::verify_message, &Flags::sign_hash, &Flags::verify_hash,
                                    &Flags::derive};
  for (std::size_t i = 0; i < std::size(in_order); ++i) {
    std::string flags(20, '0');
    flags[2 * i + 1] = '1';
    const auto read = parse_attributes(testing::from_hex(head + flags + tail));
    ASSERT_THAT(read, IsOk());
    Flags expected;
    expected.*in_order[i] = true;
    EXPECT_EQ(read->usage, expected) << i;
  }
}

TEST(KeyAttributes, OtherVariantsAndValuesAreRefused) {
  for (const char* hex : {
           "030000000900000000080000000000000000000000000000000000000000",  // lifetime
           "010000000e00000000080000000000000000000000000000000000000000",  // type
           "01000000090000000008000001000000"
           "0000000000000000000000000000",                                          // size
           "010000000900000000080000000000000000000000000000000200000000",          // flag
           "010000000900000000080000000000000000000000000000000009000000",          // algorithm
           "010000000a0000000900000000010000000000000000000000000000000000000000",  // family
       })
    EXPECT_THAT(parse_attributes(testing::from_hex(hex)), FailsWith(Status::PsaErrorDataCorrupt))
        << hex;
}

}  // namespace
}  // namespace strongroom::parsec
