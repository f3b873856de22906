// A token that passes over what it is told of a key's protection gets no key.
#include "tests/unit/pkcs11/pkcs11_fixture.h"

namespace strongroom::pkcs11 {
namespace {

using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::List;
using Kind = psa::KeyType::Kind;

constexpr psa::UsageFlags kKept{.encrypt = true,
                                .decrypt = true,
                                .sign_message = true,
                                .verify_message = true,
                                .sign_hash = true,
                                .verify_hash = true};
constexpr CK_BBOOL kTrue = 1;
constexpr CK_BBOOL kFalse = 0;

class ProtectionTest : public testing::WithSoftHsm {
 protected:
  using Attributes = std::vector<CK_ATTRIBUTE>;

  static psa::KeyAttributes pair() { return testing::ecc_pair(testing::kEcdsaSha256, kKept); }
  static psa::KeyAttributes secret() {
    auto attributes = testing::key_of(Kind::Aes, 128, testing::kAesGcm);
    attributes.usage = kKept;
    return attributes;
  }

  // The token makes keys of another value for the attribute than it is told.
  static void pass_over(CK_ATTRIBUTE_TYPE type) {
    auto changed = [type](const CK_ATTRIBUTE* first, CK_ULONG count) {
      Attributes all(first, first + count);
      for (CK_ATTRIBUTE& each : all)
        if (each.type == type)
          each.pValue = const_cast<CK_BBOOL*>(type == CKA_EXTRACTABLE ? &kTrue : &kFalse);
      return all;
    };
    faults().on<&List::C_GenerateKeyPair>().instead(
        [changed](auto real, auto session, auto* mechanism, auto* first, CK_ULONG first_count,
                  auto* second, CK_ULONG second_count, auto... handles) {
          Attributes all = changed(second, second_count);
          return real(session, mechanism, first, first_count, all.data(), second_count, handles...);
        });
    faults().on<&List::C_GenerateKey>().instead([changed](auto real, auto session, auto* mechanism,
                                                          auto* first, CK_ULONG count,
                                                          auto* handle) {
      Attributes all = changed(first, count);
      return real(session, mechanism, all.data(), count, handle);
    });
    faults().on<&List::C_CreateObject>().instead(
        [changed](auto real, auto session, auto* first, CK_ULONG count, auto* handle) {
          Attributes all = changed(first, count);
          return real(session, all.data(), count, handle);
        });
  }
  static void hide(CK_ATTRIBUTE_TYPE type) {
    faults().on<&List::C_GetAttributeValue>().instead([type](auto real, auto session, auto object,
                                                             CK_ATTRIBUTE* first, CK_ULONG count) {
      return first->type == type ? CKR_ATTRIBUTE_TYPE_INVALID : real(session, object, first, count);
    });
  }
  static std::unique_ptr<Pkcs11Provider> provider_that_takes_all() {
    auto with = settings();
    with.quirks = {"protection-not-shown"};
    return provider(std::move(with));
  }

  void expect_none_made(std::string_view why) {
    const auto before = ids_in_token(*made);
    ASSERT_THAT(before, IsOk());
    for (const auto& key :
         {made->keys()->generate(pair(), {}), made->keys()->generate(secret(), {}),
          made->keys()->import(pair(), Bytes(32, std::byte{7})),
          made->keys()->import(secret(), Bytes(16, std::byte{7}))}) {
      ASSERT_THAT(key, FailsWith(Status::PsaErrorNotSupported));
      EXPECT_THAT(key.error().message(), HasSubstr(why));
      EXPECT_THAT(key.error().message(), HasSubstr("'protection-not-shown'"));
    }
    EXPECT_THAT(ids_in_token(*made), IsOkAndHolds(*before)) << "and what was made is gone";
  }

  void SetUp() override {
    WithSoftHsm::SetUp();
    if (!IsSkipped()) made = provider();
  }
  void TearDown() override {
    made.reset();
    WithSoftHsm::TearDown();
  }

  std::unique_ptr<Pkcs11Provider> made;
};

TEST_F(ProtectionTest, KeysThatTheTokenMadeExtractableAreNotKept) {
  pass_over(CKA_EXTRACTABLE);
  expect_none_made("shows it as extractable");
}

TEST_F(ProtectionTest, KeysThatTheTokenMadeLegibleAreNotKept) {
  pass_over(CKA_SENSITIVE);
  expect_none_made("shows it as not sensitive");
}

TEST_F(ProtectionTest, KeysThatTheTokenShowsNothingOfAreNotKept) {
  for (CK_ATTRIBUTE_TYPE type : {CKA_SENSITIVE, CKA_EXTRACTABLE}) {
    hide(type);
    expect_none_made("does not show");
  }
}

TEST_F(ProtectionTest, AQuirkTakesThemAllTheSame) {
  pass_over(CKA_EXTRACTABLE);
  auto lenient = provider_that_takes_all();
  EXPECT_THAT(lenient->keys()->generate(pair(), {}), IsOk());
  EXPECT_THAT(lenient->keys()->generate(secret(), {}), IsOk());
}

TEST_F(ProtectionTest, NothingIsAskedOfKeysThatMayLeave) {
  hide(CKA_SENSITIVE);
  EXPECT_THAT(made->keys()->generate(testing::ecc_pair(), {}), IsOk());
}

}  // namespace
}  // namespace strongroom::pkcs11
