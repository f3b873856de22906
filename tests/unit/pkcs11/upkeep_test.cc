// When requests may go to a token, and what is remembered of it and of its PIN.
#include <future>
#include <thread>

#include "providers/pkcs11/upkeep/kept_token_provider.h"
#include "providers/pkcs11/upkeep/stored_identity.h"
#include "tests/support/eventually.h"
#include "tests/support/fake_notes.h"
#include "tests/unit/pkcs11/pkcs11_fixture.h"

namespace strongroom::pkcs11 {
namespace {

using namespace std::chrono_literals;
using testing::eventually;
using testing::FailsWith;
using testing::FakeNotes;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::List;

constexpr auto kDown = Status::PsaErrorHardwareFailure;

class TokenUpkeepTest : public testing::WithSoftHsm {
 protected:
  void TearDown() override {
    kept.reset();
    WithSoftHsm::TearDown();
  }
  // As a process would that has just started.
  void start() {
    kept.reset();
    auto make = [this](std::optional<TokenIdentity> remembered,
                       Login::Settings login) -> Result<std::unique_ptr<TokenBackend>> {
      ++made;
      auto wanted = settings();
      wanted.remembered = std::move(remembered);
      wanted.login = std::move(login);
      std::unique_ptr<TokenBackend> backend =
          TRY(Pkcs11Provider::create("token", std::move(wanted)));
      return backend;
    };
    auto provider = KeptTokenProvider::create("token", make, [this] { return read_pin(); });
    ASSERT_THAT(provider, IsOk());
    kept = *std::move(provider);
    upkeep().begin(notes);
  }
  void start_and_look() {
    start();
    upkeep().await_first_look(20s);
  }
  Upkeep& upkeep() const { return dynamic_cast<Upkeep&>(*kept->maintenance()); }
  bool is_up_within(std::chrono::milliseconds limit) const {
    return eventually([this] { return upkeep().health().state == ProviderState::Up; }, limit);
  }
  Result<std::string> answer_to(void (Upkeep::*wish)(Maintenance::Done)) {
    std::promise<Result<std::string>> answer;
    (upkeep().*wish)([&](Result<std::string> told) { answer.set_value(std::move(told)); });
    return answer.get_future().get();
  }
  Result<NewKey> make_key() { return kept->keys()->generate(testing::ecc_pair(), {}); }
  void write_pin(std::string text) {
    const std::lock_guard lock(mutex);
    pin = std::move(text);
  }
  Result<SecretBuffer> read_pin() {
    const std::lock_guard lock(mutex);
    return SecretBuffer::copy_of(view_of(pin));
  }
  static int attempts() { return faults().on<&List::C_Login>().count(); }

  std::shared_ptr<FakeNotes> notes = std::make_shared<FakeNotes>();
  std::unique_ptr<KeptTokenProvider> kept;
  std::atomic<int> made = 0;
  std::mutex mutex;
  std::string pin = testing::SoftHsm::kPin;
};

TEST_F(TokenUpkeepTest, ATokenIsNotedDurablyBeforeAnythingIsAdmitted) {
  notes->hold();
  start();
  EXPECT_TRUE(eventually([&] { return notes->has("token"); }));
  EXPECT_THAT(make_key(), FailsWith(kDown));
  EXPECT_EQ(upkeep().health().state, ProviderState::Recovering);
  notes->tell();
  EXPECT_TRUE(is_up_within(20s));
  EXPECT_THAT(make_key(), IsOk());
}

TEST_F(TokenUpkeepTest, ATokenThatIsNotedIsTheOneThatIsAskedFor) {
  start_and_look();
  ASSERT_THAT(make_key(), IsOk());
  kept.reset();
  tokens().replace();
  start_and_look();
  EXPECT_THAT(make_key(), FailsWith(kDown));
  EXPECT_THAT(upkeep().health().reason, HasSubstr("the serial differs"));
  EXPECT_THAT(answer_to(&Upkeep::accept_root), IsOk());
  EXPECT_THAT(make_key(), IsOk());
  start_and_look();
  EXPECT_THAT(make_key(), IsOk()) << "and the next process takes it, too";
}

TEST_F(TokenUpkeepTest, WhenTheProviderIsGoneNobodyIsInTheModule) {
  std::atomic<int> inside = 0;
  faults().on<&List::C_GetTokenInfo>().instead([&](auto real, auto... rest) {
    ++inside;
    std::this_thread::sleep_for(200ms);
    const CK_RV code = real(rest...);
    --inside;
    return code;
  });
  start();
  EXPECT_TRUE(eventually([&] { return inside > 0; }));
  kept.reset();
  EXPECT_EQ(inside, 0);
}

TEST_F(TokenUpkeepTest, ATokenThatCannotBeNotedIsNotAcceptedEither) {
  start_and_look();
  kept.reset();
  tokens().replace();
  start_and_look();
  notes->fail_with(Status::PsaErrorInsufficientStorage);
  EXPECT_THAT(answer_to(&Upkeep::accept_root), FailsWith(Status::PsaErrorInsufficientStorage));
  EXPECT_THAT(make_key(), FailsWith(kDown));
  notes->fail_with(Status::Success);
  EXPECT_FALSE(is_up_within(1s));
}

TEST_F(TokenUpkeepTest, ANoteThatIsGoneIsNotMadeAnewByItself) {
  start_and_look();
  kept.reset();
  notes->lose("token");
  notes->absence_is(ProviderNotes::Absence::Lost);
  start_and_look();
  EXPECT_THAT(make_key(), FailsWith(kDown));
  EXPECT_THAT(upkeep().health().reason, HasSubstr("'strongroom provider accept-root token'"));
  EXPECT_FALSE(is_up_within(1s));
  EXPECT_THAT(answer_to(&Upkeep::accept_root), IsOk());
  EXPECT_THAT(make_key(), IsOk());
}

TEST_F(TokenUpkeepTest, ARefusedPinIsNotTriedAgainWhateverRestarts) {
  write_pin("wrong");
  for (int round = 0; round < 3; ++round) {
    start_and_look();
    EXPECT_THAT(upkeep().health().reason, HasSubstr("'strongroom provider unlock token'"));
    EXPECT_TRUE(notes->has("refused pin"));
  }
  EXPECT_EQ(attempts(), 1);
  EXPECT_THAT(answer_to(&Upkeep::unlock), FailsWith(kDown));
  EXPECT_EQ(attempts(), 2);
}

TEST_F(TokenUpkeepTest, WhatIsToldOfARefusedPinIsWhatWillBeDone) {
  write_pin("wrong");
  start_and_look();
  for (int process = 0; process < 2; ++process) {
    const std::string told = upkeep().health().reason;
    EXPECT_THAT(told, HasSubstr("; another PIN is tried as soon as it stands there, and this one "
                                "by 'strongroom provider unlock token'"));
    EXPECT_THAT(told, ::testing::Not(HasSubstr("before")));
    EXPECT_THAT(told, ::testing::Not(HasSubstr("corrected")));
    start_and_look();
  }
}

TEST_F(TokenUpkeepTest, ARefusedPinIsNotedBeforeAnybodyLearnsOfIt) {
  start_and_look();
  ASSERT_TRUE(is_up_within(20s));
  write_pin("wrong");
  // The token was away, and wants a login.
  tokens().take_away();
  upkeep().note_failure(Error(kDown, "gone"));
  EXPECT_TRUE(eventually([&] { return upkeep().health().state == ProviderState::Down; }));
  notes->hold();
  tokens().put_back();
  EXPECT_TRUE(eventually([&] { return notes->has("refused pin"); }));
  EXPECT_THAT(upkeep().health().reason, ::testing::Not(HasSubstr("unlock")));
  notes->tell();
  write_pin(testing::SoftHsm::kPin);
  EXPECT_TRUE(is_up_within(20s));
}

TEST_F(TokenUpkeepTest, ThatAPinIsTriedIsNotedUntilItIsKnownWhatCameOfIt) {
  std::atomic<bool> was_noted = false;
  faults().on<&List::C_Login>().instead([&](auto real, auto... arguments) {
    was_noted = was_noted || notes->has("tried pin");
    return real(arguments...);
  });
  start_and_look();
  EXPECT_TRUE(is_up_within(20s));
  EXPECT_TRUE(was_noted);
  EXPECT_FALSE(notes->has("tried pin"));
}

TEST_F(TokenUpkeepTest, APinThatProcessesEndWithIsTriedTwice) {
  auto pin_used = std::make_shared<PinInUse>([this] { return read_pin(); });
  std::optional<Bytes> noted;
  pin_used->on_attempt(
      {.begins = [&](SecretBuffer told) { noted = copy_of(told.reveal()); }, .ends = [] {}});
  EXPECT_THAT(pin_used->login().pin(), IsOk());
  ASSERT_TRUE(noted.has_value());
  notes->keep("tried pin", *SecretBuffer::copy_of(*noted), [](Result<>) {});
  for (int process = 0; process < 4; ++process) {
    faults().on<&List::C_Login>().refuse(CKR_DEVICE_ERROR, 5);
    start_and_look();
    EXPECT_FALSE(is_up_within(200ms));
  }
  // Of what came after the one that was noted.
  EXPECT_EQ(attempts(), 1);
  EXPECT_THAT(upkeep().health().reason, HasSubstr("'strongroom provider unlock token'"));
  faults().forget();
  EXPECT_THAT(answer_to(&Upkeep::unlock), IsOk());
  EXPECT_TRUE(is_up_within(20s));
}

TEST_F(TokenUpkeepTest, APinThatWasMendedWhereItStandsIsTriedByItself) {
  write_pin("wrong");
  start_and_look();
  EXPECT_FALSE(is_up_within(1s));
  EXPECT_EQ(attempts(), 1);
  write_pin(testing::SoftHsm::kPin);
  EXPECT_TRUE(is_up_within(20s));
  EXPECT_FALSE(notes->has("refused pin"));
  EXPECT_THAT(make_key(), IsOk());
}

TEST_F(TokenUpkeepTest, ATokenThatIsAwayIsKeptFromRequestsUntilItIsBack) {
  start_and_look();
  auto key = make_key();
  ASSERT_THAT(key, IsOk());
  tokens().take_away();
  EXPECT_FALSE(make_key());
  EXPECT_TRUE(eventually([&] { return upkeep().health().state != ProviderState::Up; }));
  std::this_thread::sleep_for(500ms);
  faults().on<&List::C_GetSlotList>().forget();
  const int before = faults().on<&List::C_GenerateKeyPair>().count();
  for (int i = 0; i < 100; ++i)
    EXPECT_THAT(make_key(), FailsWith(kDown));
  EXPECT_EQ(faults().on<&List::C_GenerateKeyPair>().count(), before);
  tokens().put_back();
  EXPECT_TRUE(is_up_within(20s));
  EXPECT_THAT(make_key(), IsOk());
}

TEST_F(TokenUpkeepTest, WhatNeedsNoTokenIsDoneWithoutIt) {
  start_and_look();
  auto key = make_key();
  ASSERT_THAT(key, IsOk());
  const KeyRecordPtr record = testing::stored(*std::move(key), 1);
  auto signature = kept->signer()->sign_hash(*record, testing::kEcdsaSha256, digest);
  ASSERT_THAT(signature, IsOk());
  tokens().take_away();
  upkeep().note_failure(Error(kDown, "gone"));
  EXPECT_TRUE(eventually([&] { return upkeep().health().state != ProviderState::Up; }));
  EXPECT_THAT(kept->hasher()->compute(psa::Hash::Sha256, digest), IsOk());
  EXPECT_THAT(kept->signer()->verify_hash(*record, testing::kEcdsaSha256, digest, *signature),
              IsOk());
  tokens().put_back();
}

TEST_F(TokenUpkeepTest, TheEndOfServiceLetsGoOfOperators) {
  start_and_look();
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  auto is_inside = std::make_shared<std::atomic<bool>>(false);
  faults().on<&List::C_GetSlotList>().instead([released, is_inside](auto real, auto... arguments) {
    *is_inside = true;
    released.wait();
    return real(arguments...);
  });
  tokens().take_away();
  upkeep().note_failure(Error(kDown, "gone"));
  auto held = std::make_shared<int>(0);
  EXPECT_TRUE(eventually([&] { return is_inside->load(); }));
  upkeep().unlock([held](const Result<std::string>&) {});
  EXPECT_EQ(held.use_count(), 2);
  upkeep().close();
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_THAT(answer_to(&Upkeep::accept_root), FailsWith(Status::ConnectionError));
  EXPECT_THAT(make_key(), FailsWith(Status::ConnectionError));
  tokens().put_back();
  release.set_value();
}

TEST(StoredIdentity, ComesBackAsItWas) {
  const TokenIdentity identity{.label = "my keys", .serial = "0123456789abcdef"};
  EXPECT_EQ(identity_from_stored(to_stored(identity)), identity);
  EXPECT_EQ(identity_from_stored(to_stored(TokenIdentity{"", ""})), (TokenIdentity{"", ""}));
  EXPECT_EQ(identity_from_stored({}), std::nullopt);
  EXPECT_EQ(identity_from_stored(Bytes{std::byte{2}, std::byte{'a'}}), std::nullopt);
}

}  // namespace
}  // namespace strongroom::pkcs11
