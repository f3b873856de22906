// Which token, its sessions, and how all comes back.
#include "providers/pkcs11/token/token.h"

#include <atomic>
#include <set>
#include <thread>

#include "tests/unit/pkcs11/pkcs11_fixture.h"

namespace strongroom::pkcs11 {
namespace {

using namespace std::chrono_literals;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::List;

class TokenTest : public testing::WithSoftHsm {
 protected:
  // A session that somebody else has while this is there.
  class SessionInUse {
   public:
    explicit SessionInUse(Pkcs11Provider& provider) {
      faults().on<&List::C_GenerateRandom>().instead([this](auto real, auto... rest) {
        is_inside_ = true;
        while (!may_end_)
          std::this_thread::sleep_for(1ms);
        return real(rest...);
      });
      other_ = std::jthread([&provider] { EXPECT_THAT(provider.random()->generate(8), IsOk()); });
      while (!is_inside_)
        std::this_thread::sleep_for(1ms);
    }
    ~SessionInUse() { may_end_ = true; }
    SessionInUse(const SessionInUse&) = delete;
    SessionInUse& operator=(const SessionInUse&) = delete;

   private:
    std::atomic<bool> is_inside_ = false;
    std::atomic<bool> may_end_ = false;
    std::jthread other_;  // joined first
  };
};

TEST_F(TokenTest, IsRememberedByLabelAndSerial) {
  auto identity = provider()->identity();
  ASSERT_THAT(identity, IsOk());
  EXPECT_EQ(identity->label, "keys");
  EXPECT_EQ(identity->serial.size(), 16U);
  auto settings = WithSoftHsm::settings();
  settings.remembered = *identity;
  EXPECT_THAT(provider(std::move(settings))->identity(), IsOkAndHolds(*identity));
}

TEST_F(TokenTest, AnotherOneInTheSlotIsRefusedWithWhatDiffersAndWhatToDo) {
  auto settings = WithSoftHsm::settings();
  settings.remembered = TokenIdentity{"keys", "00000000"};
  auto refused = provider(std::move(settings))->identity();
  ASSERT_THAT(refused, FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_THAT(refused.error().message(), HasSubstr("the serial differs"));
  EXPECT_THAT(refused.error().message(),
              HasSubstr("put that token back, or give up those keys, by 'strongroom provider "
                        "accept-root token'"));
}

TEST_F(TokenTest, TheRememberedOneIsFoundInWhateverSlot) {
  auto identity = provider()->identity();
  ASSERT_THAT(identity, IsOk());
  auto settings = WithSoftHsm::settings();
  settings.remembered = *identity;
  settings.uri = "pkcs11:slot-id=12345?module-path=" + testing::fault_module();
  EXPECT_THAT(provider(std::move(settings))->identity(), IsOkAndHolds(*identity));
}

TEST_F(TokenTest, AUriOfAnotherTokenThanTheRememberedIsRefused) {
  auto identity = provider()->identity();
  ASSERT_THAT(identity, IsOk());
  auto settings = WithSoftHsm::settings();
  settings.remembered = *identity;
  settings.uri = "pkcs11:token=other?module-path=" + testing::fault_module();
  auto refused = provider(std::move(settings))->identity();
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message(), HasSubstr("means another token"));
  EXPECT_THAT(refused.error().message(), HasSubstr("'strongroom provider accept-root token'"));
}

TEST_F(TokenTest, AnAddressThatFitsNoneSaysWhatIsThere) {
  auto settings = WithSoftHsm::settings();
  settings.uri = "pkcs11:token=other?module-path=" + testing::fault_module();
  auto refused = provider(std::move(settings))->identity();
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message(), HasSubstr("present: token 'keys'"));
}

TEST_F(TokenTest, AnAddressThatFitsTwoIsRefused) {
  testing::SoftHsm two;
  two.add_token("keys");
  auto refused = provider()->identity();
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message(), HasSubstr("name the serial, too"));
}

TEST_F(TokenTest, AnAbsentOneServesOnceItIsThere) {
  testing::SoftHsm mine;
  auto made = provider();
  auto key = new_key(*made);
  mine.take_away();
  faults().on<&List::C_FindObjectsInit>().refuse(CKR_DEVICE_REMOVED);
  EXPECT_THAT(signature_of(*made, *key), FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_THAT(signature_of(*made, *key), FailsWith(Status::PsaErrorHardwareFailure));
  mine.put_back();
  EXPECT_THAT(signature_of(*made, *key), IsOk());
}

TEST_F(TokenTest, AnotherOneInItsPlaceIsNotServedFrom) {
  testing::SoftHsm mine;
  auto made = provider();
  auto key = new_key(*made);
  mine.replace();
  faults().on<&List::C_FindObjectsInit>().refuse(CKR_DEVICE_REMOVED);
  auto refused = signature_of(*made, *key);
  ASSERT_THAT(refused, FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_THAT(refused.error().message(), HasSubstr("the serial differs"));
}

TEST_F(TokenTest, WhatIsLostIsMadeAnewAndTheOperationRunOnceMore) {
  auto made = provider();
  auto key = new_key(*made);
  for (CK_RV code :
       {CKR_SESSION_HANDLE_INVALID, CKR_SESSION_CLOSED, CKR_USER_NOT_LOGGED_IN, CKR_DEVICE_REMOVED,
        CKR_DEVICE_ERROR, CKR_TOKEN_NOT_PRESENT, CKR_CRYPTOKI_NOT_INITIALIZED}) {
    ASSERT_THAT(signature_of(*made, *key), IsOk());
    faults().forget();
    faults().on<&List::C_SignInit>().refuse(code);
    EXPECT_THAT(signature_of(*made, *key), IsOk()) << std::hex << code;
    EXPECT_EQ(faults().on<&List::C_SignInit>().count(), 2) << std::hex << code;
    EXPECT_EQ(faults().on<&List::C_Login>().count(), 1) << std::hex << code;
    EXPECT_EQ(faults().on<&List::C_Finalize>().count(), needs_restart(code) ? 1 : 0);
  }
}

TEST_F(TokenTest, AnOperationIsRunTwiceAtMost) {
  auto made = provider();
  auto key = new_key(*made);
  faults().on<&List::C_Sign>().refuse(CKR_DEVICE_ERROR, 100);
  EXPECT_THAT(signature_of(*made, *key), FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_EQ(faults().on<&List::C_Sign>().count(), 2);
  faults().forget();
  EXPECT_THAT(signature_of(*made, *key), IsOk());
}

TEST_F(TokenTest, OtherFailuresAreNotTriedAgain) {
  auto made = provider();
  auto key = new_key(*made);
  faults().on<&List::C_Sign>().refuse(CKR_FUNCTION_FAILED);
  EXPECT_THAT(signature_of(*made, *key), FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_EQ(faults().on<&List::C_Sign>().count(), 1);
}

TEST_F(TokenTest, ASessionIsNotUsedAgainAfterAFailure) {
  auto made = provider();
  auto key = new_key(*made);
  std::vector<CK_SESSION_HANDLE> used;
  faults().on<&List::C_SignInit>().instead(
      [&](auto real, CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE object) {
        used.push_back(session);
        return real(session, mechanism, object);
      });
  // The operation stays under way in the session.
  faults().on<&List::C_Sign>().refuse(CKR_FUNCTION_FAILED);
  EXPECT_THAT(signature_of(*made, *key), FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_THAT(signature_of(*made, *key), IsOk());
  ASSERT_EQ(used.size(), 2U);
  EXPECT_NE(used[0], used[1]);
}

TEST_F(TokenTest, AGenerationThatWasCutOffLeavesOneKey) {
  auto made = provider();
  ASSERT_THAT(made->identity(), IsOk());
  auto before = ids_in_token(*made);
  ASSERT_THAT(before, IsOk());
  faults().on<&List::C_GenerateKeyPair>().refuse_afterwards(CKR_DEVICE_ERROR);
  auto settings = testing::ecc_pair();
  auto key = new_key(*made, settings);
  ASSERT_NE(key, nullptr);
  EXPECT_THAT(signature_of(*made, *key), IsOk());
  auto after = ids_in_token(*made);
  ASSERT_THAT(after, IsOk());
  EXPECT_EQ(after->size(), before->size() + 1);
}

TEST_F(TokenTest, NoTwoThreadsShareASession) {
  auto settings = WithSoftHsm::settings();
  settings.most_sessions = 3;
  auto made = provider(std::move(settings));
  auto key = new_key(*made);
  std::mutex mutex;
  std::set<CK_SESSION_HANDLE> busy;
  std::atomic<bool> is_shared = false;
  std::atomic<std::size_t> most = 0;
  faults().on<&List::C_Sign>().instead([&](auto real, CK_SESSION_HANDLE session, auto... rest) {
    {
      std::lock_guard lock(mutex);
      if (!busy.insert(session).second) is_shared = true;
      most = std::max<std::size_t>(most, busy.size());
    }
    CK_RV code = real(session, rest...);
    std::lock_guard lock(mutex);
    busy.erase(session);
    return code;
  });
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&] {
        for (int j = 0; j < 50; ++j)
          if (!signature_of(*made, *key)) ++failures;
      });
  }
  EXPECT_EQ(failures, 0);
  EXPECT_FALSE(is_shared);
  EXPECT_LE(most, 3U);
}

TEST_F(TokenTest, ManyThreadsLoseTheTokenAndGetItBackAtOnce) {
  auto made = provider();
  auto key = new_key(*made);
  faults().on<&List::C_Sign>().refuse(CKR_SESSION_HANDLE_INVALID);
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 6; ++i)
      threads.emplace_back([&] {
        for (int j = 0; j < 30; ++j)
          if (!signature_of(*made, *key)) ++failures;
      });
  }
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(faults().on<&List::C_Login>().count(), 2);
}

TEST_F(TokenTest, WhoFindsNoSessionFreeWaitsNoLongerThanItsPatience) {
  auto settings = WithSoftHsm::settings();
  settings.most_sessions = 1;
  settings.patience = 50ms;
  auto made = provider(std::move(settings));
  auto key = new_key(*made);
  ASSERT_THAT(signature_of(*made, *key), IsOk());
  {
    const SessionInUse others(*made);
    EXPECT_THAT(signature_of(*made, *key), FailsWith(Status::PsaErrorInsufficientMemory));
  }
  EXPECT_THAT(signature_of(*made, *key), IsOk());
}

TEST_F(TokenTest, SessionsThatOthersHadAreUsedWhenTheyAreFreeAgain) {
  auto settings = WithSoftHsm::settings();
  settings.most_sessions = 2;
  settings.patience = 50ms;
  auto made = provider(std::move(settings));
  auto key = new_key(*made);
  const SessionInUse others(*made);
  faults().on<&List::C_OpenSession>().refuse(CKR_SESSION_COUNT);
  EXPECT_THAT(signature_of(*made, *key), FailsWith(Status::PsaErrorInsufficientMemory));
  EXPECT_THAT(signature_of(*made, *key), FailsWith(Status::PsaErrorInsufficientMemory));
  std::this_thread::sleep_for(2'100ms);
  EXPECT_THAT(signature_of(*made, *key), IsOk());
}

TEST_F(TokenTest, AnUnreachableOneIsNotAskedByEachRequest) {
  auto settings = WithSoftHsm::settings();
  settings.pause = 1min;
  auto made = provider(std::move(settings));
  faults().on<&List::C_GetSlotList>().refuse(CKR_DEVICE_ERROR, 100);
  for (int i = 0; i < 5; ++i)
    EXPECT_THAT(made->identity(), FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_EQ(faults().on<&List::C_GetSlotList>().count(), 1);
}

TEST_F(TokenTest, TwoProvidersOfOneModuleServeSideBySide) {
  testing::SoftHsm two;
  two.add_token("others");
  auto first = provider();
  auto settings = WithSoftHsm::settings();
  settings.uri = "pkcs11:token=others?module-path=" + testing::fault_module();
  auto second = provider(std::move(settings));
  auto key = new_key(*first);
  auto other = new_key(*second);
  EXPECT_THAT(signature_of(*first, *key), IsOk());
  EXPECT_THAT(signature_of(*second, *other), IsOk());
  EXPECT_THAT(signature_of(*second, *key), FailsWith(Status::PsaErrorDoesNotExist));
  second.reset();
  EXPECT_THAT(signature_of(*first, *key), IsOk());
}

}  // namespace
}  // namespace strongroom::pkcs11
