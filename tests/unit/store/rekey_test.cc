// Changing what opens the store, with all that can be between.
#include "service/store/keying/rekey.h"

#include <cstdio>
#include <filesystem>
#include <unistd.h>

#include "service/store/keying/key_slots.h"
#include "tests/unit/store/store_fixture.h"

namespace strongroom::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Gives the secret that it was made with, or what went wrong.
class FakeSource final : public StoreKeySource {
 public:
  explicit FakeSource(std::string name, char filling = 'f')
      : name_(std::move(name)), secret_(32, filling) {}

  const std::string& name() const noexcept override { return name_; }
  bool may_have_been_used() const override { return true; }
  Result<Provided> provide() override {
    SecretBuffer material = TRY(SecretBuffer::copy_of(view_of(secret_)));
    return Provided{std::move(material), bytes_of("kept of " + name_)};
  }
  Result<SecretBuffer> read(ByteView kept) override {
    if (is_away) return fail(Status::KeyInfoManagerError, "the source is away");
    if (name_.starts_with("tpm:") && text_of(kept) != "kept of " + name_)
      return fail(Status::KeyInfoManagerError, "not what was kept");
    std::string secret = forgets ? std::string(32, '?') : secret_;
    return SecretBuffer::copy_of(view_of(secret));
  }

  bool is_away = false;
  bool forgets = false;

 private:
  const std::string name_;
  const std::string secret_;
};

class RekeyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(store_.open(), IsOk());
    ASSERT_THAT(create(*store_, "web"), IsOk());
    ASSERT_THAT(create(*store_, "mail"), IsOk());
    store_.close();
  }

  void use(std::shared_ptr<StoreKeySource> source) { store_.settings.key_source = source; }
  void use_file() { use(file_key_source(store_.key_file)); }

  void expect_opens() {
    ASSERT_THAT(store_.open(), IsOk());
    EXPECT_THAT(store_->find(id_of("web")), IsOk());
    EXPECT_THAT(store_->find(id_of("mail")), IsOk());
    EXPECT_FALSE(settled_health(*store_).is_degraded);
    store_.close();
  }
  void expect_refusal(const std::string& cause) {
    Result<> opened = store_.open();
    ASSERT_THAT(opened, FailsWith(Status::KeyInfoManagerError));
    EXPECT_THAT(opened.error().message(), HasSubstr(cause));
  }
  Result<> rekey_to(StoreKeySource& target, const RecoverySecret* recovery = nullptr) {
    return rekey_store(store_.settings, target, recovery);
  }

  StoreInDirectory store_;
  const std::shared_ptr<FakeSource> tpm_ = std::make_shared<FakeSource>("tpm:chip");
};

TEST_F(RekeyTest, EitherSourceOpensUntilTheNewOneWasUsed) {
  ASSERT_THAT(rekey_to(*tpm_), IsOk());
  expect_opens();
  expect_opens();
  use(tpm_);
  expect_opens();
  expect_opens();
  use_file();
  expect_refusal("is sealed by 'tpm:chip', and key_source is 'file:");
}

TEST_F(RekeyTest, ALookAtTheStoreSettlesNothing) {
  ASSERT_THAT(rekey_to(*tpm_), IsOk());
  use(tpm_);
  ASSERT_THAT(has_recovery_secret(store_.settings), IsOkAndHolds(false));
  ASSERT_THAT(renew_recovery_secret(store_.settings, *RecoverySecret::generate()), IsOk());
  use_file();
  expect_opens();
}

TEST_F(RekeyTest, OldWrapIsGoneFromTheFilesOnceTheNewSourceWasUsed) {
  const std::string wrap = store_.sql("SELECT hex(value) FROM meta WHERE name = 'wrapped_key'");
  ASSERT_THAT(rekey_to(*tpm_), IsOk());
  use(tpm_);
  expect_opens();
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(store_.key_file).parent_path())) {
    std::string content = read_file(entry.path());
    EXPECT_THAT(to_hex(view_of(content)), Not(HasSubstr(wrap.substr(0, 24)))) << entry.path();
    std::string lower = wrap;
    for (char& letter : lower)
      letter = static_cast<char>(std::tolower(letter));
    EXPECT_THAT(to_hex(view_of(content)), Not(HasSubstr(lower))) << entry.path();
  }
}

TEST_F(RekeyTest, AnotherTargetReplacesTheOneToCome) {
  FakeSource command("command:/bin/x");
  ASSERT_THAT(rekey_to(command), IsOk());
  ASSERT_THAT(rekey_to(*tpm_), IsOk());
  use(std::make_shared<FakeSource>("command:/bin/x"));
  expect_refusal("is sealed by 'file:");
  use(tpm_);
  expect_opens();
}

TEST_F(RekeyTest, ASourceIsSealedAnewUnderItsOwnName) {
  ASSERT_THAT(rekey_to(*tpm_), IsOk());
  use(tpm_);
  expect_opens();
  auto again = std::make_shared<FakeSource>("tpm:chip", 'g');
  ASSERT_THAT(rekey_to(*again), IsOk());
  use(again);
  expect_opens();
  use(tpm_);
  expect_refusal("'tpm:chip' does not open store");
}

TEST_F(RekeyTest, AFileMayBecomeACredentialAsItIs) {
  ASSERT_EQ(std::rename(store_.key_file.c_str(), store_.file("store.key.moved").c_str()), 0);
  ::setenv("CREDENTIALS_DIRECTORY", std::filesystem::path(store_.key_file).parent_path().c_str(),
           1);
  use(credential_key_source("store.key.moved"));
  expect_opens();
  ::unsetenv("CREDENTIALS_DIRECTORY");
}

TEST_F(RekeyTest, AFileMayBeMoved) {
  ASSERT_EQ(std::rename(store_.key_file.c_str(), store_.file("moved").c_str()), 0);
  use(file_key_source(store_.file("moved")));
  expect_opens();
}

TEST_F(RekeyTest, ASourceThatCannotBeReadBackChangesNothing) {
  tpm_->forgets = true;
  Result<> done = rekey_to(*tpm_);
  ASSERT_THAT(done, FailsWith(Status::KeyInfoManagerError));
  EXPECT_THAT(done.error().message(), HasSubstr("does not give the same secret twice"));
  tpm_->is_away = true;
  EXPECT_THAT(rekey_to(*tpm_), FailsWith(Status::KeyInfoManagerError));
  expect_opens();
}

TEST_F(RekeyTest, AStoreInUseIsLeftAlone) {
  ASSERT_THAT(store_.open(), IsOk());
  const RecoverySecret secret = *RecoverySecret::generate();
  EXPECT_THAT(rekey_to(*tpm_), FailsWith(Status::KeyInfoManagerError));
  EXPECT_THAT(rotate_store_key(store_.settings, nullptr), FailsWith(Status::KeyInfoManagerError));
  EXPECT_THAT(recover_store(store_.settings, secret), FailsWith(Status::KeyInfoManagerError));
  EXPECT_THAT(forget_store(store_.settings), FailsWith(Status::KeyInfoManagerError));
  EXPECT_THAT(create(*store_, "more"), IsOk());
}

TEST_F(RekeyTest, MalformedDescriptionsAreNoSource) {
  ASSERT_THAT(rekey_to(*tpm_), IsOk());
  store_.sql("UPDATE meta SET value = x'01000000ff61' WHERE name = 'next_key_source'");
  expect_opens();
  store_.sql("UPDATE meta SET value = x'02' WHERE name = 'key_source'");
  expect_refusal("malformed");
}

TEST_F(RekeyTest, AStoreOfBeforeThereWereSourcesIsAFiles) {
  store_.sql("DELETE FROM meta WHERE name = 'key_source'");
  expect_opens();
  use(tpm_);
  expect_refusal("is sealed by 'file:'");
}

TEST_F(RekeyTest, RecoverySecretOpensForAnySource) {
  const RecoverySecret secret = *RecoverySecret::generate();
  ASSERT_THAT(rekey_to(*tpm_, &secret), IsOk());
  EXPECT_THAT(has_recovery_secret(store_.settings), IsOkAndHolds(true));
  use(tpm_);
  expect_opens();

  auto other = std::make_shared<FakeSource>("tpm:chip", 'o');
  use(other);
  expect_refusal("does not open store");
  ASSERT_THAT(recover_store(store_.settings, secret), IsOk());
  expect_opens();
  use(tpm_);
  expect_refusal("does not open store");
  use_file();
  ASSERT_THAT(recover_store(store_.settings, secret), IsOk());
  expect_opens();
}

TEST_F(RekeyTest, AnotherRecoverySecretIsRefused) {
  const RecoverySecret secret = *RecoverySecret::generate();
  Result<> none = recover_store(store_.settings, secret);
  ASSERT_THAT(none, FailsWith(Status::KeyInfoManagerError));
  EXPECT_THAT(none.error().message(), HasSubstr("has no recovery secret"));
  ASSERT_THAT(renew_recovery_secret(store_.settings, secret), IsOk());
  const RecoverySecret later = *RecoverySecret::generate();
  Result<> other = recover_store(store_.settings, later);
  ASSERT_THAT(other, FailsWith(Status::KeyInfoManagerError));
  EXPECT_THAT(other.error().message(), HasSubstr("is not that of store"));
  ASSERT_THAT(renew_recovery_secret(store_.settings, later), IsOk());
  EXPECT_THAT(recover_store(store_.settings, secret), FailsWith(Status::KeyInfoManagerError));
  EXPECT_THAT(recover_store(store_.settings, later), IsOk());
  expect_opens();
}

// Who can write the file does not make one wrap pass for the other.
TEST_F(RekeyTest, WrapsAreNotInterchangeable) {
  const RecoverySecret secret = *RecoverySecret::generate();
  ASSERT_THAT(renew_recovery_secret(store_.settings, secret), IsOk());
  store_.sql(
      "UPDATE meta SET value = (SELECT value FROM meta WHERE name = 'wrapped_key')"
      " WHERE name = 'recovery_key'");
  EXPECT_THAT(recover_store(store_.settings, secret), FailsWith(Status::KeyInfoManagerError));
}

TEST_F(RekeyTest, RotationSealsEachRecordAnewAndEndsOldWraps) {
  const RecoverySecret secret = *RecoverySecret::generate();
  ASSERT_THAT(rekey_to(*tpm_, &secret), IsOk());
  const std::string before = store_.sql("SELECT hex(sealed) FROM key WHERE name = x'776562'");
  const std::string check = store_.sql("SELECT hex(value) FROM meta WHERE name = 'key_check'");
  const RecoverySecret later = *RecoverySecret::generate();
  Result<Rotated> rotated = rotate_store_key(store_.settings, &later);
  ASSERT_THAT(rotated, IsOk());
  EXPECT_EQ(rotated->records, 2U);
  EXPECT_EQ(rotated->unreadable, 0U);
  EXPECT_NE(store_.sql("SELECT hex(sealed) FROM key WHERE name = x'776562'"), before);
  EXPECT_NE(store_.sql("SELECT hex(value) FROM meta WHERE name = 'key_check'"), check);
  expect_opens();
  use(tpm_);
  expect_refusal("is sealed by 'file:");
  EXPECT_THAT(recover_store(store_.settings, secret), FailsWith(Status::KeyInfoManagerError));
  EXPECT_THAT(recover_store(store_.settings, later), IsOk());
  expect_opens();
}

TEST_F(RekeyTest, RotationRefusesAStoreThatWasChanged) {
  store_.sql("DELETE FROM key WHERE name = x'776562'");
  Result<Rotated> rotated = rotate_store_key(store_.settings, nullptr);
  ASSERT_THAT(rotated, FailsWith(Status::KeyInfoManagerError));
  EXPECT_THAT(rotated.error().message(), HasSubstr("--fsck"));
}

TEST_F(RekeyTest, RotationLeavesUnreadableRecordsThatWereAccepted) {
  store_.sql("UPDATE key SET sealed = zeroblob(80) WHERE name = x'776562'");
  ASSERT_THAT(store_.open(), IsOk());
  std::promise<Result<CheckReportPtr>> report;
  store_->check(CheckMode::Accept, [&](Result<CheckReportPtr> found) { report.set_value(found); });
  ASSERT_THAT(report.get_future().get(), IsOk());
  store_.close();
  Result<Rotated> rotated = rotate_store_key(store_.settings, nullptr);
  ASSERT_THAT(rotated, IsOk());
  EXPECT_EQ(rotated->unreadable, 1U);
  ASSERT_THAT(store_.open(), IsOk());
  EXPECT_FALSE(settled_health(*store_).is_degraded);
  EXPECT_THAT(store_->find(id_of("web")), FailsWith(Status::PsaErrorDataCorrupt));
  EXPECT_THAT(store_->find(id_of("mail")), IsOk());
}

TEST_F(RekeyTest, AnImageIsMadeOfAnEmptyStoreAlone) {
  Result<> refused = forget_store(store_.settings);
  ASSERT_THAT(refused, FailsWith(Status::KeyInfoManagerError));
  EXPECT_THAT(refused.error().message(), HasSubstr("holds 2 keys"));
  ASSERT_THAT(store_.open(), IsOk());
  ASSERT_THAT(destroy(*store_, "web"), IsOk());
  ASSERT_THAT(destroy(*store_, "mail"), IsOk());
  store_.close();
  ASSERT_THAT(forget_store(store_.settings), IsOk());
  ASSERT_THAT(forget_store(store_.settings), IsOk()) << "and once more";
  EXPECT_FALSE(std::filesystem::exists(store_.settings.database));
  EXPECT_FALSE(std::filesystem::exists(store_.key_file));
  use(tpm_);
  EXPECT_THAT(store_.open(), IsOk()) << "the first start of the image";
  store_.close();
  ASSERT_EQ(::unlink(store_.settings.database.c_str()), 0);
  expect_refusal("--init");
}

}  // namespace
}  // namespace strongroom::testing
