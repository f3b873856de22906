// Keys encrypted under keys, an extension: what the handlers decide before a provider sees it.
#include <unistd.h>

#include "list_keys.pb.h"
#include "tests/support/service_under_test.h"
#include "unwrap_key.pb.h"
#include "wrap_key.pb.h"

namespace strongroom {
namespace {

using testing::ecc_pair;
using testing::generate_body;
using testing::import_body;
using testing::key_of;
using testing::request_of;
using testing::result_in;
using testing::ServiceUnderTest;
using testing::uid_auth;
using Kind = psa::KeyType::Kind;

constexpr psa::KeyWrap kAesKwp{psa::KeyWrap::Kind::AesKwp, std::nullopt};
constexpr psa::KeyWrap kRsaSha256{psa::KeyWrap::Kind::RsaOaepAesKwp, psa::Hash::Sha256};

psa::KeyAttributes wrapping_key(psa::UsageFlags usage = {.wrap = true, .unwrap = true}) {
  psa::KeyAttributes attributes = key_of(Kind::Aes, 256, kAesKwp);
  attributes.usage = usage;
  return attributes;
}

psa::KeyAttributes secret(psa::UsageFlags usage = {.may_export = true}) {
  psa::KeyAttributes attributes = key_of(Kind::Aes, 0, testing::kAesGcm);
  attributes.usage = usage;
  return attributes;
}

class KeyWrapping : public ::testing::Test {
 protected:
  KeyWrapping() {
    wrap_.set_key_name("secret");
    wrap_.set_wrapping_key_name("kek");
    *wrap_.mutable_alg() = encode(kAesKwp);
    unwrap_.set_key_name("new");
    *unwrap_.mutable_attributes() = encode(secret());
    unwrap_.set_unwrapping_key_name("kek");
    *unwrap_.mutable_alg() = encode(kAesKwp);
    unwrap_.set_wrapped_key("sealed:data");
  }

  void generate(std::string_view name, const psa::KeyAttributes& attributes) {
    ASSERT_EQ(
        service_.status_of(request_of(Opcode::PsaGenerateKey, generate_body(name, attributes))),
        Status::Success);
  }
  void import(std::string_view name, const psa::KeyAttributes& attributes) {
    ASSERT_EQ(service_.status_of(
                  request_of(Opcode::PsaImportKey, import_body(name, attributes, view_of("data")))),
              Status::Success);
  }
  Status wrap() { return service_.status_of(request_of(Opcode::WrapKey, *serialized(wrap_))); }
  Status unwrap() {
    return service_.status_of(request_of(Opcode::UnwrapKey, *serialized(unwrap_)));
  }

  ServiceUnderTest service_;
  ::wrap_key::Operation wrap_;
  ::unwrap_key::Operation unwrap_;
};

// Encoding, both keys, flag, policy, type, and last whether the wrapped key may leave.
TEST_F(KeyWrapping, WrapsInTheOrderOfTheContract) {
  wrap_.clear_alg();
  EXPECT_EQ(wrap(), Status::InvalidEncoding);
  *wrap_.mutable_alg() = encode(kRsaSha256);
  generate("kek", wrapping_key({.unwrap = true}));
  EXPECT_EQ(wrap(), Status::PsaErrorDoesNotExist);
  import("secret", secret({.encrypt = true}));
  wrap_.set_wrapping_key_name("other");
  EXPECT_EQ(wrap(), Status::PsaErrorDoesNotExist);
  wrap_.set_wrapping_key_name("kek");
  EXPECT_EQ(wrap(), Status::PsaErrorNotPermitted);
  generate("wraps", wrapping_key({.wrap = true}));
  wrap_.set_wrapping_key_name("wraps");
  EXPECT_EQ(wrap(), Status::PsaErrorNotPermitted);
  *wrap_.mutable_alg() = encode(kAesKwp);
  EXPECT_EQ(wrap(), Status::PsaErrorNotPermitted);
  import("exportable", secret());
  wrap_.set_key_name("exportable");
  EXPECT_EQ(wrap(), Status::Success);
}

TEST_F(KeyWrapping, GivesTheExportedDataEncrypted) {
  generate("kek", wrapping_key());
  import("secret", secret());
  psa::KeyAttributes peer = key_of(Kind::RsaPublicKey, 2048, testing::kOaepSha256);
  peer.usage = {};
  import("public", peer);
  for (const char* name : {"secret", "public"}) {
    wrap_.set_key_name(name);
    auto result = result_in<::wrap_key::Result>(
        service_.ask(request_of(Opcode::WrapKey, *serialized(wrap_))));
    EXPECT_EQ(result.wrapped_key(), "sealed:data");
  }
}

TEST_F(KeyWrapping, NeedsAKeyThatGoesWithTheAlgorithm) {
  psa::KeyAttributes hmac = key_of(Kind::Hmac, 256, kAesKwp);
  generate("kek", hmac);
  import("secret", secret());
  EXPECT_EQ(wrap(), Status::PsaErrorNotPermitted);
  EXPECT_EQ(unwrap(), Status::PsaErrorNotPermitted);
}

// A name that is taken is told first, as an import tells it.
TEST_F(KeyWrapping, UnwrapsInTheOrderOfTheContract) {
  unwrap_.set_key_name("");
  unwrap_.clear_attributes();
  EXPECT_EQ(unwrap(), Status::InvalidEncoding);
  *unwrap_.mutable_attributes() = encode(secret());
  EXPECT_EQ(unwrap(), Status::PsaErrorInvalidArgument);
  unwrap_.set_key_name("taken");
  import("taken", secret());
  EXPECT_EQ(unwrap(), Status::PsaErrorAlreadyExists);
  unwrap_.set_key_name("new");
  EXPECT_EQ(unwrap(), Status::PsaErrorDoesNotExist);
  generate("kek", wrapping_key({.wrap = true}));
  EXPECT_EQ(unwrap(), Status::PsaErrorNotPermitted);
  generate("unwraps", wrapping_key({.unwrap = true}));
  unwrap_.set_unwrapping_key_name("unwraps");
  *unwrap_.mutable_alg() = encode(kRsaSha256);
  EXPECT_EQ(unwrap(), Status::PsaErrorNotPermitted);
  *unwrap_.mutable_alg() = encode(kAesKwp);
  unwrap_.set_wrapped_key("altered");
  EXPECT_EQ(unwrap(), Status::PsaErrorInvalidSignature);
  unwrap_.set_wrapped_key("sealed:data");
  EXPECT_EQ(unwrap(), Status::Success);
  EXPECT_EQ(unwrap(), Status::PsaErrorAlreadyExists);
}

TEST_F(KeyWrapping, MakesTheKeyThatAnImportWouldMake) {
  generate("kek", wrapping_key({.unwrap = true}));
  *unwrap_.mutable_attributes() = encode(ecc_pair(testing::kEcdsaSha256, {.sign_hash = true}));
  unwrap_.mutable_attributes()->clear_key_bits();
  ASSERT_EQ(unwrap(), Status::Success);
  auto keys = result_in<list_keys::Result>(service_.ask(request_of(Opcode::ListKeys, {})));
  ASSERT_EQ(keys.keys_size(), 1);
  EXPECT_EQ(keys.keys(0).name(), "new");
  EXPECT_EQ(keys.keys(0).attributes().key_bits(), 32U);
  EXPECT_TRUE(keys.keys(0).attributes().key_policy().key_usage_flags().sign_message());
}

TEST_F(KeyWrapping, UnwrappedKeysHaveNoSettingThatNothingKeeps) {
  generate("kek", wrapping_key());
  psa::KeyAttributes attributes = key_of(Kind::Aes, 0, psa::Cipher::Ctr);
  attributes.drawn_nonce_only = true;
  *unwrap_.mutable_attributes() = encode(attributes);
  EXPECT_EQ(unwrap(), Status::PsaErrorInvalidArgument);
  attributes.algorithm = testing::kAesGcm;
  *unwrap_.mutable_attributes() = encode(attributes);
  EXPECT_EQ(unwrap(), Status::Success);
}

TEST_F(KeyWrapping, DeprecatedKeysAreUnwrappedWithAWarning) {
  generate("kek", wrapping_key());
  *unwrap_.mutable_attributes() = encode(ecc_pair(psa::AsymmetricSignature{
      .kind = psa::AsymmetricSignature::Kind::Ecdsa, .hash = psa::Hash::Md5}));
  EXPECT_EQ(unwrap(), Status::Success);
}

TEST_F(KeyWrapping, KeysOfOthersLookAbsentOnBothSides) {
  generate("kek", wrapping_key());
  import("secret", secret());
  service_.ask_as(::getuid() + 1);
  auto status = [&](Opcode opcode, Bytes body) {
    Request request = request_of(opcode, std::move(body));
    request.auth = uid_auth(::getuid() + 1);
    return service_.status_of(std::move(request));
  };
  auto import_own = [&](std::string_view name, const psa::KeyAttributes& attributes) {
    return status(Opcode::PsaImportKey, import_body(name, attributes, view_of("data")));
  };
  ASSERT_EQ(import_own("secret", secret()), Status::Success);
  EXPECT_EQ(status(Opcode::WrapKey, *serialized(wrap_)), Status::PsaErrorDoesNotExist);
  EXPECT_EQ(status(Opcode::UnwrapKey, *serialized(unwrap_)), Status::PsaErrorDoesNotExist);
  ASSERT_EQ(import_own("own kek", wrapping_key()), Status::Success);
  wrap_.set_wrapping_key_name("own kek");
  EXPECT_EQ(status(Opcode::WrapKey, *serialized(wrap_)), Status::Success);
}

// Two names may have to be looked up on the disk.
TEST_F(KeyWrapping, AnUnreadableKeyOnEitherSideIsCorrupt) {
  generate("kek", wrapping_key());
  import("secret", secret());
  service_.store().make_unreadable(service_.id_of("secret"));
  EXPECT_EQ(wrap(), Status::PsaErrorDataCorrupt);
  service_.store().make_unreadable(service_.id_of("kek"));
  EXPECT_EQ(unwrap(), Status::PsaErrorDataCorrupt);
}

// As an import refuses it: a promise that nothing would keep.
}  // namespace
}  // namespace strongroom
