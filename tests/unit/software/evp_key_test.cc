#include "providers/software/keys/evp_key.h"

#include <openssl/ec.h>
#include <openssl/rsa.h>

#include "base/bytes.h"
#include "tests/support/matchers.h"

namespace strongroom::software {
namespace {

using testing::IsOk;
using testing::IsOkAndHolds;

Owned<EVP_PKEY> rsa_2048() {
  return Owned<EVP_PKEY>(EVP_RSA_gen(2048));
}

Owned<EVP_PKEY_CTX> signing_context(EVP_PKEY* key) {
  auto context = context_for(key);
  if (!context || EVP_PKEY_sign_init(context->get()) != 1) return nullptr;
  return *std::move(context);
}

Result<Bytes> signature_by(EVP_PKEY_CTX* context, ByteView hash) {
  Bytes signature(512);
  std::size_t size = signature.size();
  if (EVP_PKEY_sign(context, octets(MutableByteView(signature)), &size, octets(hash),
                    hash.size()) != 1)
    return fail(Status::PsaErrorGenericError, "EVP_PKEY_sign");
  signature.resize(size);
  return signature;
}

// By a context made anew.
bool verifies(EVP_PKEY* key, ByteView hash, ByteView signature, int padding, int salt) {
  auto context = context_for(key);
  if (!context || EVP_PKEY_verify_init(context->get()) != 1) return false;
  bool is_rsa = EVP_PKEY_is_a(key, "RSA") == 1;
  if (is_rsa && (EVP_PKEY_CTX_set_rsa_padding(context->get(), padding) != 1 ||
                 EVP_PKEY_CTX_set_signature_md(context->get(), EVP_sha384()) != 1))
    return false;
  if (padding == RSA_PKCS1_PSS_PADDING &&
      (EVP_PKEY_CTX_set_rsa_pss_saltlen(context->get(), salt) != 1 ||
       EVP_PKEY_CTX_set_rsa_mgf1_md(context->get(), EVP_sha384()) != 1))
    return false;
  return EVP_PKEY_verify(context->get(), octets(signature), signature.size(), octets(hash),
                         hash.size()) == 1;
}

TEST(DuplicateOfAContext, KeepsThePaddingAndTheDigestOfPkcs1) {
  auto key = rsa_2048();
  auto prepared = signing_context(key.get());
  ASSERT_NE(prepared, nullptr);
  ASSERT_EQ(EVP_PKEY_CTX_set_rsa_padding(prepared.get(), RSA_PKCS1_PADDING), 1);
  ASSERT_EQ(EVP_PKEY_CTX_set_signature_md(prepared.get(), EVP_sha384()), 1);
  Bytes hash(48, std::byte{7});
  auto expected = signature_by(duplicate_of(*prepared)->get(), hash);
  ASSERT_THAT(expected, IsOk());
  EXPECT_TRUE(verifies(key.get(), hash, *expected, RSA_PKCS1_PADDING, 0));
  EXPECT_THAT(signature_by(duplicate_of(*prepared)->get(), hash), IsOkAndHolds(*expected));
}

TEST(DuplicateOfAContext, KeepsTheSaltAndTheMaskOfPss) {
  auto key = rsa_2048();
  auto prepared = signing_context(key.get());
  ASSERT_NE(prepared, nullptr);
  ASSERT_EQ(EVP_PKEY_CTX_set_rsa_padding(prepared.get(), RSA_PKCS1_PSS_PADDING), 1);
  ASSERT_EQ(EVP_PKEY_CTX_set_signature_md(prepared.get(), EVP_sha384()), 1);
  ASSERT_EQ(EVP_PKEY_CTX_set_rsa_pss_saltlen(prepared.get(), 21), 1);
  Bytes hash(48, std::byte{7});
  for (int round = 0; round < 2; ++round) {
    auto duplicate = duplicate_of(*prepared);
    ASSERT_THAT(duplicate, IsOk());
    const EVP_MD* mask = nullptr;
    ASSERT_EQ(EVP_PKEY_CTX_get_rsa_mgf1_md(duplicate->get(), &mask), 1);
    EXPECT_EQ(EVP_MD_is_a(mask, "SHA384"), 1);
    auto signature = signature_by(duplicate->get(), hash);
    ASSERT_THAT(signature, IsOk());
    EXPECT_TRUE(verifies(key.get(), hash, *signature, RSA_PKCS1_PSS_PADDING, 21));
    EXPECT_FALSE(verifies(key.get(), hash, *signature, RSA_PKCS1_PSS_PADDING, 48));
  }
}

TEST(DuplicateOfAContext, SignsOnAnyCurveAndLeavesThePreparedOneAlone) {
  for (const char* curve : {"P-256", "P-384", "P-521"}) {
    Owned<EVP_PKEY> key(EVP_EC_gen(curve));
    auto prepared = signing_context(key.get());
    ASSERT_NE(prepared, nullptr);
    Bytes hash(48, std::byte{7});
    for (int round = 0; round < 3; ++round) {
      auto signature = signature_by(duplicate_of(*prepared)->get(), hash);
      ASSERT_THAT(signature, IsOk()) << curve;
      EXPECT_TRUE(verifies(key.get(), hash, *signature, 0, 0)) << curve;
    }
  }
}

TEST(DuplicateOfAContext, OutlivesThePreparedOneAndTheKey) {
  Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
  auto prepared = signing_context(key.get());
  ASSERT_NE(prepared, nullptr);
  auto duplicate = duplicate_of(*prepared);
  prepared.reset();
  key.reset();
  EXPECT_THAT(signature_by(duplicate->get(), Bytes(32)), IsOk());
}

}  // namespace
}  // namespace strongroom::software
