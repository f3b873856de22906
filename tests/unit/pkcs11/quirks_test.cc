// Tokens that differ from the standard, or from SoftHSM: the fault module plays them.
#include "providers/pkcs11/token/quirks.h"

#include <algorithm>
#include <cstring>

#include "tests/support/hex.h"
#include "tests/unit/pkcs11/pkcs11_fixture.h"

namespace strongroom::pkcs11 {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::List;
using testing::stored;
using Kind = psa::KeyType::Kind;

constexpr psa::AsymmetricEncryption kPkcs1{psa::AsymmetricEncryption::Kind::RsaPkcs1v15,
                                           std::nullopt};

TEST(QuirksTest, AreNamedAndKnownByManufacturer) {
  EXPECT_EQ(quirk_named("bare-points"), Quirk::BarePoints);
  EXPECT_EQ(quirk_named("curves-by-name"), Quirk::CurvesByName);
  EXPECT_EQ(quirk_named("general-decryption-errors"), Quirk::GeneralDecryptionErrors);
  EXPECT_EQ(quirk_named("mac-sizes-in-bytes"), Quirk::MacSizesInBytes);
  EXPECT_EQ(quirk_named("montgomery-as-edwards"), Quirk::MontgomeryAsEdwards);
  EXPECT_EQ(quirk_named("no-allowed-mechanisms"), Quirk::NoAllowedMechanisms);
  EXPECT_EQ(quirk_named("no-public-objects"), Quirk::NoPublicObjects);
  EXPECT_EQ(quirk_named("protection-not-shown"), Quirk::ProtectionNotShown);
  EXPECT_EQ(quirk_named("wrapped-peers"), Quirk::WrappedPeers);
  EXPECT_EQ(quirk_named("colour"), std::nullopt);
  EXPECT_TRUE(quirks_of("SoftHSM project").has(Quirk::GeneralDecryptionErrors));
  EXPECT_EQ(quirks_of("nobody"), Quirks());
}

class TokenWithQuirksTest : public testing::WithSoftHsm {
 protected:
  static std::unique_ptr<Pkcs11Provider> provider_with(std::vector<std::string> quirks) {
    auto settings = WithSoftHsm::settings();
    settings.quirks = std::move(quirks);
    return provider(std::move(settings));
  }
  Result<NewKey> imported(Pkcs11Provider& made, const psa::KeyAttributes& attributes) {
    auto key = new_key(made, attributes);
    auto data = made.keys()->export_key(*key);
    EXPECT_THAT(data, IsOk());
    return made.keys()->import(attributes, data->reveal());
  }
  static bool is_wrapped(ByteView point) { return point.size() == 67; }
};

TEST_F(TokenWithQuirksTest, AnUnknownQuirkIsNamed) {
  auto settings = WithSoftHsm::settings();
  settings.quirks = {"colour"};
  EXPECT_THAT(Pkcs11Provider::create("token", std::move(settings)),
              FailsWith(Status::PsaErrorInvalidArgument));
}

TEST_F(TokenWithQuirksTest, PointsAreReadInWhateverForm) {
  faults().on<&List::C_GetAttributeValue>().instead([](auto real, CK_SESSION_HANDLE session,
                                                       CK_OBJECT_HANDLE object, CK_ATTRIBUTE* first,
                                                       CK_ULONG count) {
    CK_RV code = real(session, object, first, count);
    if (code != CKR_OK || first->type != CKA_EC_POINT) return code;
    auto* value = static_cast<std::byte*>(first->pValue);
    std::memmove(value, value + 2, first->ulValueLen - 2);
    first->ulValueLen -= 2;
    return code;
  });
  auto made = provider();
  auto key = new_key(*made);
  EXPECT_THAT(signature_of(*made, *key), IsOk());
}

TEST_F(TokenWithQuirksTest, PointsAreGivenBareToATokenThatWantsThem) {
  faults().on<&List::C_CreateObject>().instead(
      [](auto real, CK_SESSION_HANDLE session, CK_ATTRIBUTE* first, CK_ULONG count, auto handle) {
        std::vector<CK_ATTRIBUTE> all(first, first + count);
        Bytes wrapped = {std::byte{4}, std::byte{65}};
        for (CK_ATTRIBUTE& each : all) {
          if (each.type != CKA_EC_POINT) continue;
          ByteView point(static_cast<const std::byte*>(each.pValue), each.ulValueLen);
          if (is_wrapped(point)) return CKR_ATTRIBUTE_VALUE_INVALID;
          wrapped.insert(wrapped.end(), point.begin(), point.end());
          each.pValue = wrapped.data();
          each.ulValueLen = wrapped.size();
        }
        return real(session, all.data(), count, handle);
      });
  EXPECT_THAT(imported(*provider(), testing::ecc_pair()), FailsWith(Status::PsaErrorNotSupported));
  EXPECT_THAT(imported(*provider_with({"bare-points"}), testing::ecc_pair()), IsOk());
}

TEST_F(TokenWithQuirksTest, EdwardsCurvesAreToldByOidUnlessTheTokenGoesByNames) {
  const Bytes oid = testing::from_hex("06032b6570");
  const Bytes name = testing::from_hex("130c656477617264733235353139");
  Bytes told;
  auto look = [&](auto real, CK_SESSION_HANDLE session, CK_MECHANISM* mechanism,
                  CK_ATTRIBUTE* first, CK_ULONG count, auto... rest) {
    told = testing::attributes_of(first, count)[CKA_EC_PARAMS];
    return real(session, mechanism, first, count, rest...);
  };
  faults().on<&List::C_GenerateKeyPair>().instead(look);
  EXPECT_THAT(provider()->supports(Capability::Generate, testing::ed25519_pair()), IsOk());
  EXPECT_EQ(told, name);
  be_of_another_make();
  std::ignore = provider()->supports(Capability::Generate, testing::ed25519_pair());
  EXPECT_EQ(told, oid);
  std::ignore =
      provider_with({"curves-by-name"})->supports(Capability::Generate, testing::ed25519_pair());
  EXPECT_EQ(told, name);
}

// As the provider sees it: a token that shows the OID of what it was told by name.
TEST_F(TokenWithQuirksTest, EdwardsCurvesAreReadInWhateverWay) {
  auto made = provider();
  auto key = new_key(*made, testing::ed25519_pair());
  faults().on<&List::C_GetAttributeValue>().instead([](auto real, CK_SESSION_HANDLE session,
                                                       CK_OBJECT_HANDLE object, CK_ATTRIBUTE* first,
                                                       CK_ULONG count) {
    CK_RV code = real(session, object, first, count);
    if (code != CKR_OK || first->type != CKA_EC_PARAMS) return code;
    const Bytes oid = testing::from_hex("06032b6570");
    std::ranges::copy(oid, static_cast<std::byte*>(first->pValue));
    first->ulValueLen = oid.size();
    return code;
  });
  EXPECT_THAT(provider()->signer()->sign_message(*key, testing::kEddsa, digest), IsOk());
}

TEST_F(TokenWithQuirksTest, MontgomeryKeysAreOfTheTypeThatTheTokenHasForThem) {
  auto x25519 = testing::ecc_pair(testing::kRawEcdh);
  x25519.type.curve_family = psa::EccFamily::Montgomery;
  x25519.bits = 255;
  EXPECT_THAT(provider()->supports(Capability::Use, x25519), IsOk());
  be_of_another_make();
  EXPECT_THAT(provider_with({"curves-by-name"})->supports(Capability::Use, x25519),
              FailsWith(Status::PsaErrorNotSupported));
  EXPECT_THAT(
      provider_with({"curves-by-name", "montgomery-as-edwards"})->supports(Capability::Use, x25519),
      IsOk());
}

TEST_F(TokenWithQuirksTest, PeersAreWrappedForATokenThatWantsThem) {
  faults().on<&List::C_DeriveKey>().instead(
      [](auto real, CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, auto... rest) {
        auto parameters = *static_cast<CK_ECDH1_DERIVE_PARAMS*>(mechanism->pParameter);
        if (parameters.ulPublicDataLen != 67) return CKR_MECHANISM_PARAM_INVALID;
        parameters.ulPublicDataLen -= 2;
        parameters.pPublicData += 2;
        CK_MECHANISM bare{mechanism->mechanism, &parameters, sizeof parameters};
        return real(session, &bare, rest...);
      });
  auto key = new_key(*provider(), testing::ecc_pair(testing::kRawEcdh));
  be_of_another_make();
  EXPECT_THAT(provider()->key_agreer()->agree(*key, psa::RawKeyAgreement::Ecdh, key->public_key),
              FailsWith(Status::PsaErrorNotSupported));
  EXPECT_THAT(provider_with({"wrapped-peers"})
                  ->key_agreer()
                  ->agree(*key, psa::RawKeyAgreement::Ecdh, key->public_key),
              IsOk());
}

TEST_F(TokenWithQuirksTest, GeneralErrorsTellOfThePaddingOnlyWhereThatIsKnown) {
  auto key = new_key(*provider(), testing::key_of(Kind::RsaKeyPair, 1024, kPkcs1));
  const Bytes ciphertext(128, std::byte{0x21});
  faults().on<&List::C_Decrypt>().refuse(CKR_GENERAL_ERROR, 3);
  EXPECT_THAT(provider()->encrypter()->decrypt(*key, kPkcs1, ciphertext, {}),
              FailsWith(Status::PsaErrorInvalidPadding));
  be_of_another_make();
  EXPECT_THAT(provider()->encrypter()->decrypt(*key, kPkcs1, ciphertext, {}),
              FailsWith(Status::PsaErrorHardwareFailure));
  auto told = provider_with({"general-decryption-errors"});
  EXPECT_THAT(told->encrypter()->decrypt(*key, kPkcs1, ciphertext, {}),
              FailsWith(Status::PsaErrorInvalidPadding));
}

TEST_F(TokenWithQuirksTest, EveryWayToBlameTheCiphertextIsUnderstood) {
  auto made = provider();
  auto key = new_key(*made, testing::key_of(Kind::RsaKeyPair, 1024, kPkcs1));
  const Bytes ciphertext(128, std::byte{0x21});
  for (CK_RV code : {CKR_ENCRYPTED_DATA_INVALID, CKR_ENCRYPTED_DATA_LEN_RANGE, CKR_DATA_INVALID,
                     CKR_DATA_LEN_RANGE}) {
    faults().on<&List::C_Decrypt>().refuse(code);
    EXPECT_THAT(made->encrypter()->decrypt(*key, kPkcs1, ciphertext, {}),
                FailsWith(Status::PsaErrorInvalidPadding))
        << std::hex << code;
  }
}

TEST_F(TokenWithQuirksTest, SizesOfMacKeysCountWhereTheyAreKnownToBeBytes) {
  auto small = testing::key_of(Kind::Hmac, 128, testing::kHmacSha256);
  EXPECT_THAT(provider()->supports(Capability::Generate, small),
              FailsWith(Status::PsaErrorNotSupported));
  be_of_another_make();
  EXPECT_THAT(provider()->supports(Capability::Generate, small), IsOk());
  EXPECT_THAT(provider_with({"mac-sizes-in-bytes"})->supports(Capability::Generate, small),
              FailsWith(Status::PsaErrorNotSupported));
}

TEST_F(TokenWithQuirksTest, AllowedMechanismsAreLeftOutForATokenThatTakesNone) {
  faults().on<&List::C_GenerateKeyPair>().instead(
      [](auto real, CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_ATTRIBUTE* first,
         CK_ULONG first_count, CK_ATTRIBUTE* second, CK_ULONG second_count, auto... handles) {
        if (testing::attributes_of(second, second_count).contains(CKA_ALLOWED_MECHANISMS))
          return CKR_ATTRIBUTE_TYPE_INVALID;
        return real(session, mechanism, first, first_count, second, second_count, handles...);
      });
  EXPECT_THAT(provider()->keys()->generate(testing::ecc_pair(), {}),
              FailsWith(Status::PsaErrorNotSupported));
  EXPECT_THAT(provider_with({"no-allowed-mechanisms"})->keys()->generate(testing::ecc_pair(), {}),
              IsOk());
}

TEST_F(TokenWithQuirksTest, ATokenWithoutRoomForPublicKeysKeepsPrivateOnes) {
  auto made = provider_with({"no-public-objects"});
  auto key = new_key(*made);
  EXPECT_THAT(signature_of(*made, *key), IsOk());
  int before = faults().on<&List::C_CreateObject>().count();
  auto taken = imported(*made, testing::ecc_pair());
  ASSERT_THAT(taken, IsOk());
  EXPECT_EQ(faults().on<&List::C_CreateObject>().count(), before + 1);
  EXPECT_THAT(signature_of(*provider(), *stored(*std::move(taken), 2)), IsOk());
}

TEST_F(TokenWithQuirksTest, HashesOfOaepAreThoseThatTheTokenTakes) {
  auto made = provider();
  auto oaep = [](psa::Hash hash) {
    return testing::key_of(
        Kind::RsaKeyPair, 2048,
        psa::AsymmetricEncryption{psa::AsymmetricEncryption::Kind::RsaOaep, hash});
  };
  EXPECT_THAT(made->supports(Capability::Use, oaep(psa::Hash::Sha1)), IsOk());
  EXPECT_THAT(made->supports(Capability::Use, oaep(psa::Hash::Sha256)),
              FailsWith(Status::PsaErrorNotSupported));
  // One that takes all.
  faults().on<&List::C_EncryptInit>().instead([](auto...) { return CKR_OK; });
  faults().on<&List::C_Encrypt>().instead([](auto, auto, auto, auto, auto, CK_ULONG* size) {
    *size = 256;
    return CKR_OK;
  });
  EXPECT_THAT(provider()->supports(Capability::Use, oaep(psa::Hash::Sha256)), IsOk());
}

TEST_F(TokenWithQuirksTest, LabelsAreRefusedForATokenThatTakesNone) {
  auto made = provider();
  psa::AsymmetricEncryption oaep{psa::AsymmetricEncryption::Kind::RsaOaep, psa::Hash::Sha1};
  auto key = new_key(*made, testing::key_of(Kind::RsaKeyPair, 1024, oaep));
  const Bytes label(3);
  EXPECT_THAT(made->encrypter()->decrypt(*key, oaep, Bytes(128), label),
              FailsWith(Status::PsaErrorNotSupported));
}

TEST_F(TokenWithQuirksTest, WhatTheTokenDoesNotListIsNotOffered) {
  faults().on<&List::C_GetMechanismList>().instead(
      [](auto real, CK_SLOT_ID slot, CK_MECHANISM_TYPE* list, CK_ULONG* count) {
        CK_RV code = real(slot, list, count);
        if (list != nullptr) std::replace(list, list + *count, CKM_ECDSA, CKM_ECDSA_SHA1);
        return code;
      });
  auto made = provider();
  EXPECT_THAT(made->supports(Capability::Use, testing::ecc_pair()),
              FailsWith(Status::PsaErrorNotSupported));
  auto key = new_key(*made, testing::ecc_pair(psa::NoAlgorithm()));
  EXPECT_THAT(signature_of(*made, *key), FailsWith(Status::PsaErrorNotSupported));
}

TEST_F(TokenWithQuirksTest, ACurveThatTheTokenRefusesIsNotOffered) {
  faults().on<&List::C_GenerateKeyPair>().refuse(CKR_CURVE_NOT_SUPPORTED);
  auto made = provider();
  EXPECT_THAT(made->supports(Capability::Generate, testing::ecc_pair()),
              FailsWith(Status::PsaErrorNotSupported));
  // It was asked once.
  EXPECT_THAT(made->supports(Capability::Generate, testing::ecc_pair()),
              FailsWith(Status::PsaErrorNotSupported));
  EXPECT_EQ(faults().on<&List::C_GenerateKeyPair>().count(), 1);
}

TEST_F(TokenWithQuirksTest, ATokenThatIsFullForNowIsAskedAgain) {
  auto made = provider();
  faults().on<&List::C_GenerateKeyPair>().refuse(CKR_DEVICE_MEMORY);
  EXPECT_THAT(made->supports(Capability::Generate, testing::ecc_pair()),
              FailsWith(Status::PsaErrorInsufficientStorage));
  EXPECT_THAT(made->supports(Capability::Generate, testing::ecc_pair()), IsOk());
}

TEST_F(TokenWithQuirksTest, OneSessionIsEnough) {
  change_token([](CK_TOKEN_INFO& info) { info.ulMaxSessionCount = 1; });
  auto made = provider();
  auto key = new_key(*made);
  for (int i = 0; i < 3; ++i)
    EXPECT_THAT(signature_of(*made, *key), IsOk());
  EXPECT_EQ(faults().on<&List::C_OpenSession>().count(), 1);
  faults().on<&List::C_Sign>().refuse(CKR_FUNCTION_FAILED);
  EXPECT_THAT(signature_of(*made, *key), FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_THAT(signature_of(*made, *key), IsOk());
}

TEST_F(TokenWithQuirksTest, SessionsOfOthersLeaveFewer) {
  auto made = provider();
  ASSERT_THAT(made->random()->generate(1), IsOk());
  faults().on<&List::C_OpenSession>().refuse(CKR_SESSION_COUNT, 1000);
  auto key = new_key(*made);
  EXPECT_THAT(signature_of(*made, *key), IsOk());
  // None beside the one that holds the login.
  faults().forget();
  auto next = provider();
  int openings = 0;
  faults().on<&List::C_OpenSession>().instead(
      [&](auto real, auto... rest) { return ++openings > 1 ? CKR_SESSION_COUNT : real(rest...); });
  EXPECT_THAT(signature_of(*next, *key), IsOk());
}

TEST_F(TokenWithQuirksTest, AReadOnlyTokenServesTheKeysItHas) {
  auto key = new_key(*provider());
  change_token([](CK_TOKEN_INFO& info) { info.flags |= CKF_WRITE_PROTECTED; });
  CK_FLAGS flags = 0;
  faults().on<&List::C_OpenSession>().instead(
      [&](auto real, CK_SLOT_ID slot, CK_FLAGS wanted, auto... rest) {
        flags |= wanted;
        return real(slot, wanted, rest...);
      });
  auto made = provider();
  EXPECT_THAT(signature_of(*made, *key), IsOk());
  EXPECT_EQ(flags & CKF_RW_SESSION, 0U);
  EXPECT_THAT(made->supports(Capability::Generate, testing::ecc_pair()),
              FailsWith(Status::PsaErrorNotSupported));
  EXPECT_THAT(made->keys()->generate(testing::ecc_pair(), {}),
              FailsWith(Status::PsaErrorNotPermitted));
}

}  // namespace
}  // namespace strongroom::pkcs11
