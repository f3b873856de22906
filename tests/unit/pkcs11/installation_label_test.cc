// Two installations that share a token tell their objects apart.
#include "providers/pkcs11/installation_label.h"

#include <map>

#include "tests/unit/pkcs11/pkcs11_fixture.h"

namespace strongroom::pkcs11 {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using testing::FailsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::IsOkAndHolds;
using ::testing::SizeIs;
using ::testing::StartsWith;

class Notes final : public ProviderNotes {
 public:
  Result<std::optional<SecretBuffer>> recall(std::string_view note) override {
    const auto found = notes.find(std::string(note));
    if (found == notes.end()) return std::nullopt;
    return TRY(SecretBuffer::copy_of(view_of(found->second)));
  }
  void keep(std::string_view note, SecretBuffer content, Done done) override {
    if (is_full) return done(fail(Status::PsaErrorInsufficientStorage, "full"));
    notes[std::string(note)] = text_of(content.reveal());
    done({});
  }
  void forget(std::string_view note, Done done) override {
    notes.erase(std::string(note));
    done({});
  }
  Result<Absence> absence() override { return Absence::NeverKept; }

  std::map<std::string, std::string> notes;
  bool is_full = false;
};

Result<std::string> label_of(ProviderNotes& notes) {
  InstallationLabel label;
  label.begin({std::shared_ptr<void>(), &notes});
  return label.get();
}

TEST(InstallationLabel, StaysTheSameAndIsAnothersNowhere) {
  Notes one;
  Notes other;
  const auto label = label_of(one);
  ASSERT_THAT(label, IsOkAndHolds(StartsWith("strongroom ")));
  EXPECT_THAT(label_of(one), IsOkAndHolds(*label));
  EXPECT_NE(*label_of(other), *label);
}

TEST(InstallationLabel, IsNotedBeforeItIsUsed) {
  Notes notes;
  notes.is_full = true;
  EXPECT_THAT(label_of(notes), FailsWith(Status::PsaErrorInsufficientStorage));
}

TEST(InstallationLabel, ThatIsNoneIsToldOf) {
  Notes notes;
  notes.notes["label"] = "strongroom";
  EXPECT_THAT(label_of(notes), FailsWith(Status::PsaErrorDataCorrupt));
}

TEST(InstallationLabel, IsThereOnceItsNotesAre) {
  InstallationLabel label;
  EXPECT_THAT(label.get(), FailsWith(Status::PsaErrorHardwareFailure));
  auto notes = std::make_shared<Notes>();
  label.begin(notes);
  const auto found = label.get();
  ASSERT_THAT(found, IsOk());
  notes->notes.clear();
  EXPECT_THAT(label.get(), IsOkAndHolds(*found));
}

class InstallationsTest : public testing::WithSoftHsm {
 protected:
  std::unique_ptr<Pkcs11Provider> installation(Notes& notes) {
    auto with = settings();
    with.creation.label = *label_of(notes);
    return provider(std::move(with));
  }
};

TEST_F(InstallationsTest, OfOneTokenSeeTheirOwnObjectsAlone) {
  Notes notes;
  Notes others;
  auto one = installation(notes);
  auto other = installation(others);
  auto key = new_key(*one);
  EXPECT_THAT(one->inventory()->materials(), IsOkAndHolds(SizeIs(1)));
  EXPECT_THAT(other->inventory()->materials(), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(one->inventory()->look_for(*key), IsOk());
  EXPECT_THAT(one->keys()->destroy(*key), IsOk());
  EXPECT_THAT(one->inventory()->materials(), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(one->inventory()->look_for(*key), FailsWith(Status::PsaErrorDoesNotExist));
}

TEST_F(InstallationsTest, SayOfAKeyWhatTheTokenShows) {
  using Kind = psa::KeyType::Kind;
  Notes notes;
  auto one = installation(notes);
  const auto described = [&](const psa::KeyAttributes& attributes) {
    auto told = one->inventory()->describe(new_key(*one, attributes)->material);
    EXPECT_THAT(told, IsOk());
    return told.value_or("");
  };
  EXPECT_THAT(described(testing::ecc_pair()),
              AllOf(StartsWith("CKA_ID "), HasSubstr("private key"), HasSubstr("public key"),
                    HasSubstr("ecc-p256"), HasSubstr("made in the token"),
                    ContainsRegex("fingerprint [0-9a-f]{64}"), HasSubstr("label 'strongroom ")));
  const psa::AsymmetricEncryption pkcs1{psa::AsymmetricEncryption::Kind::RsaPkcs1v15, {}};
  EXPECT_THAT(described(testing::key_of(Kind::RsaKeyPair, 2048, pkcs1)),
              AllOf(HasSubstr("rsa-2048"), ContainsRegex("fingerprint [0-9a-f]{64}")));
  EXPECT_THAT(described(testing::key_of(Kind::Aes, 128, testing::kAesGcm)),
              AllOf(HasSubstr("secret key"), HasSubstr("aes-128")));
  EXPECT_THAT(one->inventory()->describe(*one->keys()->new_material()),
              FailsWith(Status::PsaErrorDoesNotExist));
}

TEST_F(InstallationsTest, ShowNoControlCharactersOfALabel) {
  Notes notes;
  auto with = settings();
  with.creation.label = "a\x1b[31m\nb";
  auto one = provider(std::move(with));
  EXPECT_THAT(one->inventory()->describe(new_key(*one)->material),
              IsOkAndHolds(HasSubstr("label 'a\\x1b[31m\\x0ab'")));
}

TEST_F(InstallationsTest, AnotherKeyUnderTheSameIdIsNotTheirs) {
  Notes notes;
  auto one = installation(notes);
  auto key = new_key(*one);
  ASSERT_THAT(one->keys()->destroy(*key), IsOk());
  auto material = SecretBuffer::copy_of(key->material.reveal());
  ASSERT_THAT(one->keys()->generate(key->attributes, {}, *std::move(material)), IsOk());
  EXPECT_THAT(one->inventory()->look_for(*key), FailsWith(Status::PsaErrorDataCorrupt));
}

}  // namespace
}  // namespace strongroom::pkcs11
