#include "providers/tpm/session/primitives.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "tests/support/hex.h"
#include "tests/support/matchers.h"

namespace strongroom::tpm {
namespace {

using testing::from_hex;
using testing::IsOk;
using testing::IsOkAndHolds;

Primitives primitives() {
  auto loaded = Primitives::load();
  EXPECT_THAT(loaded, IsOk());
  return *std::move(loaded);
}

Bytes shown(const SecretBuffer& secret) {
  return copy_of(secret.reveal());
}

OSSL_PARAM parameter(const char* name, const char* text) {
  return OSSL_PARAM_construct_utf8_string(name, const_cast<char*>(text), 0);
}

OSSL_PARAM parameter(const char* name, Bytes& bytes) {
  return OSSL_PARAM_construct_octet_string(name, bytes.data(), bytes.size());
}

// What libcrypto derives, which knows both functions by their standards.
Bytes derived(const char* kdf, std::vector<OSSL_PARAM> parameters, std::size_t size) {
  EVP_KDF* algorithm = EVP_KDF_fetch(nullptr, kdf, nullptr);
  EVP_KDF_CTX* context = EVP_KDF_CTX_new(algorithm);
  parameters.push_back(OSSL_PARAM_construct_end());
  Bytes out(size);
  EXPECT_EQ(EVP_KDF_derive(context, octets(MutableByteView(out)), size, parameters.data()), 1);
  EVP_KDF_CTX_free(context);
  EVP_KDF_free(algorithm);
  return out;
}

const Bytes kU = from_hex("00 01 02 03 04 05 06 07");
const Bytes kV = from_hex("f0 f1 f2 f3");

Bytes joined(ByteView a, ByteView b) {
  Bytes both = copy_of(a);
  both.insert(both.end(), b.begin(), b.end());
  return both;
}

// FIPS 180-4's example, in parts.
TEST(Primitives, HashesPartsAsOne) {
  EXPECT_THAT(primitives().sha256({view_of("a"), {}, view_of("bc")}),
              IsOkAndHolds(::testing::ElementsAreArray(
                  from_hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))));
}

// RFC 4231 §4.2.
TEST(Primitives, HmacIsThatOfRfc4231) {
  const Bytes key(20, std::byte{0x0b});
  EXPECT_THAT(primitives().hmac_sha256(key, {view_of("Hi "), view_of("There")}),
              IsOkAndHolds(::testing::ElementsAreArray(
                  from_hex("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"))));
}

// HMAC_SHA256("", ""), as widely published.
TEST(Primitives, HmacsKeyMayBeEmpty) {
  EXPECT_THAT(primitives().hmac_sha256({}, {}),
              IsOkAndHolds(::testing::ElementsAreArray(
                  from_hex("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"))));
}

// SP 800-38A §F.3.13.
TEST(Primitives, CfbIsThatOfSp80038a) {
  const Bytes key_and_iv = from_hex(
      "2b7e151628aed2a6abf7158809cf4f3c"
      "000102030405060708090a0b0c0d0e0f");
  const Bytes plaintext = from_hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45");
  Bytes data = plaintext;
  const Primitives tools = primitives();
  ASSERT_THAT(tools.aes_128_cfb(Primitives::Direction::Encrypt, key_and_iv, data), IsOk());
  EXPECT_EQ(to_hex(data), "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f");
  ASSERT_THAT(tools.aes_128_cfb(Primitives::Direction::Decrypt, key_and_iv, data), IsOk());
  EXPECT_EQ(data, plaintext);
}

TEST(Primitives, KdfAIsSp800108InCounterMode) {
  for (std::size_t size : {16U, 32U, 48U, 80U}) {
    Bytes key = from_hex("de ad be ef 01 23 45 67");
    Bytes label = bytes_of("ATH");
    Bytes context = joined(kU, kV);
    auto expected =
        derived("KBKDF",
                {parameter(OSSL_KDF_PARAM_MAC, "HMAC"), parameter(OSSL_KDF_PARAM_DIGEST, "SHA256"),
                 parameter(OSSL_KDF_PARAM_KEY, key), parameter(OSSL_KDF_PARAM_SALT, label),
                 parameter(OSSL_KDF_PARAM_INFO, context)},
                size);
    auto secret = primitives().kdf_a(key, "ATH", kU, kV, size);
    ASSERT_THAT(secret, IsOk());
    EXPECT_EQ(shown(*secret), expected) << size;
  }
}

TEST(Primitives, KdfEIsTheConcatenationOfSp80056a) {
  for (std::size_t size : {16U, 32U, 48U}) {
    Bytes z = from_hex("11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff 00");
    Bytes other = joined(joined(view_of("SECRET"), Bytes(1)), joined(kU, kV));
    auto expected =
        derived("SSKDF",
                {parameter(OSSL_KDF_PARAM_DIGEST, "SHA256"), parameter(OSSL_KDF_PARAM_KEY, z),
                 parameter(OSSL_KDF_PARAM_INFO, other)},
                size);
    auto secret = primitives().kdf_e(z, "SECRET", kU, kV, size);
    ASSERT_THAT(secret, IsOk());
    EXPECT_EQ(shown(*secret), expected) << size;
  }
}

}  // namespace
}  // namespace strongroom::tpm
