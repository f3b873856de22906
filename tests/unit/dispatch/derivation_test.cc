// What DeriveKey decides before a provider derives anything, and to whom CanDoCrypto tells of it.
#include "can_do_crypto.pb.h"
#include "derive_key.pb.h"
#include "key_info.pb.h"
#include "psa_export_key.pb.h"
#include "tests/support/service_under_test.h"

namespace strongroom {
namespace {

using testing::ecc_pair;
using testing::generate_body;
using testing::import_body;
using testing::key_of;
using testing::request_of;
using testing::result_in;
using testing::ServiceUnderTest;
using testing::valid_body;
using Kind = psa::KeyType::Kind;

constexpr psa::KeyDerivation kHkdf{psa::KeyDerivation::Kind::Hkdf, psa::Hash::Sha256};
constexpr psa::KeyDerivation kPrf{psa::KeyDerivation::Kind::Tls12Prf, psa::Hash::Sha256};
constexpr psa::KeyAgreement kEcdhHkdf{psa::RawKeyAgreement::Ecdh, kHkdf};

class Derivation : public ::testing::Test {
 protected:
  Derivation() {
    import("secret", key_of(Kind::Derive, 48, kHkdf));
    request_.set_key_name("secret");
    *request_.mutable_alg() = encode(psa::Algorithm(kHkdf));
    request_.set_new_key_name("new");
    *request_.mutable_attributes() = encode(key_of(Kind::Aes, 128, testing::kAesGcm));
  }

  void import(std::string_view name, const psa::KeyAttributes& attributes) {
    ASSERT_EQ(service_.status_of(request_of(Opcode::PsaImportKey,
                                            import_body(name, attributes, view_of("secret")))),
              Status::Success);
  }

  Status derive() {
    return service_.status_of(request_of(Opcode::DeriveKey, *serialized(request_)));
  }

  std::string material_of(std::string_view name) {
    return result_in<psa_export_key::Result>(
               service_.ask(
                   request_of(Opcode::PsaExportKey, valid_body(Opcode::PsaExportKey, name))))
        .data();
  }

  ServiceUnderTest service_;
  ::derive_key::Operation request_;
};

TEST_F(Derivation, StoresAKeyWithTheAttributesAskedFor) {
  request_.set_salt("+salt");
  psa::KeyAttributes attributes = ecc_pair();
  attributes.usage = {.may_export = true, .sign_hash = true};
  *request_.mutable_attributes() = encode(attributes);
  ASSERT_EQ(derive(), Status::Success);
  EXPECT_EQ(material_of("new"), "derived:secret+salt");
  const auto info = result_in<key_info::Result>(
      service_.ask(request_of(Opcode::KeyInfo, valid_body(Opcode::KeyInfo, "new"))));
  attributes.usage.sign_message = true;
  EXPECT_EQ(*decode(info.attributes()), attributes);
}

TEST_F(Derivation, NeedsNoMoreThanTheFlagAndThePolicyOfTheSecret) {
  psa::KeyAttributes attributes = key_of(Kind::Derive, 48, kHkdf);
  attributes.usage = {.derive = true};
  import("bare", attributes);
  request_.set_key_name("bare");
  EXPECT_EQ(derive(), Status::Success);
}

TEST_F(Derivation, FromAnAgreementHandsOverThePeersKey) {
  import("pair", ecc_pair(kEcdhHkdf));
  request_.set_key_name("pair");
  *request_.mutable_alg() = encode(psa::Algorithm(kEcdhHkdf));
  request_.set_peer_key("peer");
  ASSERT_EQ(derive(), Status::Success);
  EXPECT_EQ(material_of("new"), "derived:peer");
}

// Everything is wrong at first; one thing after the other is put right.
TEST_F(Derivation, FailsInTheOrderOfTheContract) {
  psa::KeyAttributes without_flag = key_of(Kind::Derive, 48, kHkdf);
  without_flag.usage.derive = false;
  import("without flag", without_flag);
  import("taken", ecc_pair());
  request_.set_key_name("nowhere");
  *request_.mutable_alg() = encode(psa::Algorithm(kPrf));
  request_.set_new_key_name("taken");
  psa::KeyAttributes attributes = key_of(Kind::Des, 0, psa::Cipher::CbcPkcs7);
  *request_.mutable_attributes() = encode(attributes);
  request_.set_label("label");
  request_.set_peer_key("peer");
  EXPECT_EQ(derive(), Status::PsaErrorDoesNotExist);
  request_.set_key_name("without flag");
  EXPECT_EQ(derive(), Status::PsaErrorNotPermitted);
  request_.set_key_name("secret");
  EXPECT_EQ(derive(), Status::PsaErrorNotPermitted);
  *request_.mutable_alg() = encode(psa::Algorithm(kHkdf));
  EXPECT_EQ(derive(), Status::DeprecatedPrimitive);
  attributes.type.kind = Kind::Aes;
  *request_.mutable_attributes() = encode(attributes);
  EXPECT_EQ(derive(), Status::PsaErrorAlreadyExists);
  request_.set_new_key_name("new");
  EXPECT_EQ(derive(), Status::PsaErrorInvalidArgument);
  attributes.bits = 128;
  *request_.mutable_attributes() = encode(attributes);
  EXPECT_EQ(derive(), Status::PsaErrorInvalidArgument);
  request_.clear_label();
  EXPECT_EQ(derive(), Status::PsaErrorInvalidArgument);
  request_.clear_peer_key();
  EXPECT_EQ(derive(), Status::Success);
  EXPECT_EQ(derive(), Status::PsaErrorAlreadyExists);
}

TEST_F(Derivation, NeedsAnAlgorithmAttributesAndAnIdentity) {
  Request request = request_of(Opcode::DeriveKey, *serialized(request_));
  request.header.auth_type = 0;
  EXPECT_EQ(service_.status_of(request), Status::NotAuthenticated);
  const auto whole = request_;
  request_.clear_alg();
  EXPECT_EQ(derive(), Status::InvalidEncoding);
  request_ = whole;
  request_.clear_attributes();
  EXPECT_EQ(derive(), Status::InvalidEncoding);
}

TEST_F(Derivation, TakesAPolicyThatNamesTheVeryAlgorithm) {
  import("pair", ecc_pair(kEcdhHkdf));
  request_.set_key_name("pair");
  request_.set_peer_key("peer");
  for (const psa::Algorithm& other :
       {psa::Algorithm(psa::KeyAgreement{psa::RawKeyAgreement::Ecdh, kPrf}),
        psa::Algorithm(psa::KeyAgreement{psa::RawKeyAgreement::Ecdh, std::nullopt}),
        psa::Algorithm(psa::KeyAgreement{psa::RawKeyAgreement::Ffdh, kHkdf}),
        psa::Algorithm(kHkdf)}) {
    *request_.mutable_alg() = encode(other);
    EXPECT_EQ(derive(), Status::PsaErrorNotPermitted) << to_string(other);
  }
}

TEST_F(Derivation, ByAnAlgorithmThatDerivesNothingIsNotPermitted) {
  import("raw", ecc_pair(testing::kRawEcdh));
  request_.set_key_name("raw");
  *request_.mutable_alg() = encode(psa::Algorithm(testing::kRawEcdh));
  EXPECT_EQ(derive(), Status::PsaErrorNotPermitted);
  import("aes", key_of(Kind::Aes, 48, testing::kAesGcm));
  request_.set_key_name("aes");
  *request_.mutable_alg() = encode(psa::Algorithm(testing::kAesGcm));
  EXPECT_EQ(derive(), Status::PsaErrorNotPermitted);
}

TEST_F(Derivation, OfAKeyOfAnotherTypeIsNotPermitted) {
  import("hmac", key_of(Kind::Hmac, 48, kHkdf));
  request_.set_key_name("hmac");
  EXPECT_EQ(derive(), Status::PsaErrorNotPermitted);
}

TEST_F(Derivation, TakesNoInputsOfTheOtherAlgorithms) {
  import("tls", key_of(Kind::Derive, 48, kPrf));
  request_.set_seed("seed");
  EXPECT_EQ(derive(), Status::PsaErrorInvalidArgument);
  request_.set_key_name("tls");
  *request_.mutable_alg() = encode(psa::Algorithm(kPrf));
  request_.set_info("info");
  EXPECT_EQ(derive(), Status::PsaErrorInvalidArgument);
  request_.clear_info();
  request_.set_salt("salt");
  EXPECT_EQ(derive(), Status::PsaErrorInvalidArgument);
  request_.clear_salt();
  EXPECT_EQ(derive(), Status::Success);
}

TEST_F(Derivation, ChecksBothNames) {
  for (const std::string& name : {std::string(), std::string(1025, 'n'), std::string("a\0b", 3)}) {
    request_.set_new_key_name(name);
    EXPECT_EQ(derive(), Status::PsaErrorInvalidArgument);
  }
  request_.set_new_key_name("new");
  request_.set_key_name("");
  EXPECT_EQ(derive(), Status::PsaErrorInvalidArgument);
}

TEST_F(Derivation, MakesDeprecatedKeysWhereTheyAreAllowed) {
  *request_.mutable_attributes() = encode(key_of(Kind::Des, 192, psa::Cipher::CbcPkcs7));
  EXPECT_EQ(derive(), Status::DeprecatedPrimitive);
  service_.reload({.front_end = {}, .allow_deprecated = true});
  EXPECT_EQ(derive(), Status::Success);
}

TEST_F(Derivation, MakesNoKeyWithSettingsThatItsAlgorithmHasNoUseFor) {
  psa::KeyAttributes attributes = ecc_pair();
  attributes.drawn_nonce_only = true;
  *request_.mutable_attributes() = encode(attributes);
  EXPECT_EQ(derive(), Status::PsaErrorInvalidArgument);
  attributes = key_of(Kind::Aes, 128, testing::kAesGcm);
  attributes.drawn_nonce_only = true;
  *request_.mutable_attributes() = encode(attributes);
  EXPECT_EQ(derive(), Status::Success);
}

Status capability(const ServiceUnderTest& service, can_do_crypto::CheckType check,
                  const psa::KeyAttributes& attributes, std::uint16_t flags) {
  can_do_crypto::Operation message;
  message.set_check_type(check);
  *message.mutable_attributes() = encode(attributes);
  Request request = request_of(Opcode::CanDoCrypto, *serialized(message));
  request.header.flags = flags;
  return service.status_of(std::move(request));
}

// Whoever has no extensions cannot derive: for them nothing has changed.
TEST(CanDoCrypto, TellsOfDerivationToClientsThatHaveIt) {
  const ServiceUnderTest service;
  const psa::KeyAttributes secret = key_of(Kind::Derive, 256, kHkdf);
  const psa::KeyAttributes agreeing = ecc_pair(kEcdhHkdf);
  for (bool is_extended : {false, true}) {
    const std::uint16_t flags = is_extended ? kFlagExtended : 0;
    const Status expected = is_extended ? Status::Success : Status::PsaErrorNotSupported;
    EXPECT_EQ(capability(service, can_do_crypto::DERIVE, ecc_pair(), flags), expected);
    for (const psa::KeyAttributes& attributes : {secret, agreeing})
      for (auto check : {can_do_crypto::USE, can_do_crypto::GENERATE, can_do_crypto::IMPORT})
        EXPECT_EQ(capability(service, check, attributes, flags), expected);
    EXPECT_EQ(capability(service, can_do_crypto::USE, ecc_pair(testing::kRawEcdh), flags),
              Status::Success);
  }
}

TEST(CanDoCrypto, KnowsThatDeprecatedKeysAreNotDerived) {
  psa::KeyAttributes attributes = ecc_pair();
  attributes.type.curve_family = psa::EccFamily::SectK1;
  attributes.bits = 163;
  const ServiceUnderTest strict;
  EXPECT_EQ(capability(strict, can_do_crypto::DERIVE, attributes, kFlagExtended),
            Status::PsaErrorNotSupported);
  const ServiceUnderTest tolerant({.front_end = {}, .allow_deprecated = true});
  EXPECT_EQ(capability(tolerant, can_do_crypto::DERIVE, attributes, kFlagExtended),
            Status::Success);
}

}  // namespace
}  // namespace strongroom
