#include "tests/unit/store/store_suite.h"

#include <atomic>
#include <future>
#include <thread>

#include "tests/unit/store/store_fixture.h"

namespace strongroom::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_P(StoreSuite, CreatedKeyIsFoundAsItWas) {
  KeyRecord record = record_of("web");
  record.created = std::chrono::sys_seconds(std::chrono::seconds(1'700'000'000));
  ASSERT_THAT(done(*store_, &Store::create, std::move(record)), IsOk());
  Result<KeyRecordPtr> found = store_->find(id_of("web"));
  ASSERT_THAT(found, IsOk());
  KeyRecord expected = record_of("web");
  EXPECT_EQ((*found)->id, expected.id);
  EXPECT_EQ((*found)->attributes, expected.attributes);
  EXPECT_EQ((*found)->material, expected.material);
  EXPECT_EQ((*found)->public_key, expected.public_key);
  EXPECT_EQ((*found)->created.time_since_epoch().count(), 1'700'000'000);
  EXPECT_NE((*found)->serial, 0U);
}

TEST_P(StoreSuite, FoundKeyIsThenKnownFromMemory) {
  ASSERT_THAT(create(*store_, "web"), IsOk());
  ASSERT_THAT(store_->find(id_of("web")), IsOk());
  std::optional<Result<KeyRecordPtr>> record = store_->peek(id_of("web"));
  ASSERT_TRUE(record);
  EXPECT_THAT(*record, IsOk());
}

TEST_P(StoreSuite, AbsentNameIsKnownFromMemory) {
  std::optional<Result<KeyRecordPtr>> record = store_->peek(id_of("web"));
  ASSERT_TRUE(record);
  EXPECT_THAT(*record, FailsWith(Status::PsaErrorDoesNotExist));
  EXPECT_THAT(store_->find(id_of("web")), FailsWith(Status::PsaErrorDoesNotExist));
}

TEST_P(StoreSuite, CreatingTwiceUnderOneNameFailsAndKeepsTheFirst) {
  ASSERT_THAT(create(*store_, "web"), IsOk());
  KeyRecord second = record_of("web");
  second.public_key = bytes_of("another");
  EXPECT_THAT(done(*store_, &Store::create, std::move(second)),
              FailsWith(Status::PsaErrorAlreadyExists));
  EXPECT_EQ((*store_->find(id_of("web")))->public_key, record_of("web").public_key);
}

TEST_P(StoreSuite, AReplacedKeyIsTheNewOne) {
  ASSERT_THAT(done(*store_, &Store::replace, record_of("web")), IsOk()) << "there was none";
  const std::uint64_t first = (*store_->find(id_of("web")))->serial;
  KeyRecord second = record_of("web");
  second.public_key = bytes_of("another");
  ASSERT_THAT(done(*store_, &Store::replace, std::move(second)), IsOk());
  KeyRecordPtr found = *store_->find(id_of("web"));
  EXPECT_EQ(found->public_key, bytes_of("another"));
  EXPECT_GT(found->serial, first);
  EXPECT_EQ(store_->keys_of(id_of("").application)->size(), 1U);
  EXPECT_THAT(destroy(*store_, "web"), IsOk());
  EXPECT_THAT(store_->find(id_of("web")), FailsWith(Status::PsaErrorDoesNotExist));
}

TEST_P(StoreSuite, APendingKeyIsNotReplaced) {
  ASSERT_THAT(done(*store_, &Store::reserve, record_of("web")), IsOk());
  EXPECT_THAT(done(*store_, &Store::replace, record_of("web")),
              FailsWith(Status::PsaErrorAlreadyExists));
}

TEST_P(StoreSuite, TellsWhetherAProviderHasKeys) {
  const ProviderIdentity provider = id_of("web").provider;
  EXPECT_THAT(store_->has_keys_of(provider), IsOkAndHolds(false));
  KeyRecord note = record_of("note");
  note.id.application.authenticator = kServiceAuthenticator;
  ASSERT_THAT(done(*store_, &Store::create, std::move(note)), IsOk());
  EXPECT_THAT(store_->has_keys_of(provider), IsOkAndHolds(false));
  EXPECT_TRUE(store_->providers_with_keys()->empty());
  ASSERT_THAT(create(*store_, "web"), IsOk());
  EXPECT_THAT(store_->has_keys_of(provider), IsOkAndHolds(true));
  ProviderIdentity other = provider;
  other.instance = "second";
  EXPECT_THAT(store_->has_keys_of(other), IsOkAndHolds(false));
  ASSERT_THAT(begin_destroy(*store_, "web"), IsOk());
  EXPECT_THAT(store_->has_keys_of(provider), IsOkAndHolds(true)) << "it is not gone yet";
  EXPECT_THAT(store_->providers_with_keys(), IsOkAndHolds(std::vector{provider}));
}

TEST_P(StoreSuite, EachPartOfTheIdentityMakesAnotherKey) {
  KeyId id = id_of("web");
  std::vector<KeyId> others(5, id);
  others[0].application.authenticator = 254;
  others[1].application.name = "1001";
  others[2].provider.uuid[15] = std::byte{0};
  others[3].provider.instance = "second";
  others[4].name = "web2";
  ASSERT_THAT(create(*store_, "web"), IsOk());
  for (const KeyId& other : others) {
    EXPECT_THAT(store_->find(other), FailsWith(Status::PsaErrorDoesNotExist));
    EXPECT_THAT(done(*store_, &Store::create, record_of(other)), IsOk());
  }
  ASSERT_THAT(destroy(*store_, "web"), IsOk());
  for (const KeyId& other : others)
    EXPECT_THAT(store_->find(other), IsOk());
}

TEST_P(StoreSuite, NamesAreBytes) {
  for (const std::string& name : {std::string("\xff\xfe"), std::string("a\nb"), std::string("'")})
    ASSERT_THAT(create(*store_, name), IsOk());
  EXPECT_EQ((*store_->find(id_of("\xff\xfe")))->id.name, "\xff\xfe");
}

TEST_P(StoreSuite, DestroyedKeyIsAbsentAndItsNameFree) {
  ASSERT_THAT(create(*store_, "web"), IsOk());
  EXPECT_THAT(store_->check_free(id_of("web")), FailsWith(Status::PsaErrorAlreadyExists));
  std::uint64_t first = (*store_->find(id_of("web")))->serial;
  ASSERT_THAT(destroy(*store_, "web"), IsOk());
  EXPECT_THAT(store_->find(id_of("web")), FailsWith(Status::PsaErrorDoesNotExist));
  EXPECT_THAT(store_->check_free(id_of("web")), IsOk());
  EXPECT_THAT(destroy(*store_, "web"), FailsWith(Status::PsaErrorDoesNotExist));
  ASSERT_THAT(create(*store_, "web"), IsOk());
  EXPECT_GT((*store_->find(id_of("web")))->serial, first);
}

TEST_P(StoreSuite, HolderOfADestroyedRecordKeepsIt) {
  ASSERT_THAT(create(*store_, "web"), IsOk());
  KeyRecordPtr record = *store_->find(id_of("web"));
  ASSERT_THAT(destroy(*store_, "web"), IsOk());
  EXPECT_EQ(material_of(*record), "secret of web");
}

TEST_P(StoreSuite, PendingKeyHoldsItsNameButCannotBeUsed) {
  ASSERT_THAT(done(*store_, &Store::reserve, record_of("web")), IsOk());
  EXPECT_THAT(store_->find(id_of("web")), FailsWith(Status::PsaErrorDoesNotExist));
  EXPECT_THAT(destroy(*store_, "web"), FailsWith(Status::PsaErrorDoesNotExist));
  EXPECT_THAT(create(*store_, "web"), FailsWith(Status::PsaErrorAlreadyExists));
  EXPECT_THAT(store_->check_free(id_of("web")), FailsWith(Status::PsaErrorAlreadyExists));
  EXPECT_THAT(store_->keys_of(id_of("web").application), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(store_->applications(3), IsEmpty());
}

TEST_P(StoreSuite, FulfilledKeyHasItsNewContent) {
  ASSERT_THAT(done(*store_, &Store::reserve, record_of("web")), IsOk());
  std::uint64_t serial = store_->unfinished(id_of("web").provider)->at(0).record->serial;
  KeyRecord made = record_of("web");
  made.public_key = bytes_of("made by the device");
  ASSERT_THAT(done(*store_, &Store::fulfil, std::move(made)), IsOk());
  KeyRecordPtr found = *store_->find(id_of("web"));
  EXPECT_EQ(found->public_key, bytes_of("made by the device"));
  EXPECT_EQ(found->serial, serial);
  EXPECT_THAT(store_->unfinished(id_of("web").provider), IsOkAndHolds(IsEmpty()));
}

TEST_P(StoreSuite, OnlyAPendingKeyIsFulfilledOrReleased) {
  EXPECT_THAT(done(*store_, &Store::fulfil, record_of("web")),
              FailsWith(Status::PsaErrorDoesNotExist));
  EXPECT_THAT(done(*store_, &Store::release, id_of("web")),
              FailsWith(Status::PsaErrorDoesNotExist));
  ASSERT_THAT(create(*store_, "web"), IsOk());
  EXPECT_THAT(done(*store_, &Store::fulfil, record_of("web")),
              FailsWith(Status::PsaErrorDoesNotExist));
  EXPECT_THAT(done(*store_, &Store::release, id_of("web")),
              FailsWith(Status::PsaErrorDoesNotExist));
}

TEST_P(StoreSuite, ReleasedNameIsFree) {
  ASSERT_THAT(done(*store_, &Store::reserve, record_of("web")), IsOk());
  ASSERT_THAT(done(*store_, &Store::release, id_of("web")), IsOk());
  EXPECT_THAT(create(*store_, "web"), IsOk());
}

TEST_P(StoreSuite, AnAbandonedReservationFreesItsNameAndLeavesATrace) {
  ASSERT_THAT(done(*store_, &Store::reserve, record_of("web")), IsOk());
  const auto serial = store_->unfinished(id_of("web").provider)->at(0).record->serial;
  EXPECT_THAT(abandon(*store_, record_of("web")), IsOkAndHolds(serial));
  EXPECT_THAT(store_->find(id_of("web")), FailsWith(Status::PsaErrorDoesNotExist));
  ASSERT_THAT(create(*store_, "web"), IsOk());
  const auto left = *store_->unfinished(id_of("web").provider);
  ASSERT_THAT(left, SizeIs(1));
  EXPECT_EQ(left[0].state, KeyState::Destroying);
  EXPECT_EQ(material_of(*left[0].record), "secret of web");
  EXPECT_THAT(done(*store_, &Store::finish_destroy, serial), IsOk());
  EXPECT_THAT(store_->find(id_of("web")), IsOk());
}

TEST_P(StoreSuite, OnlyTheReservationOfThatMaterialIsAbandoned) {
  EXPECT_THAT(abandon(*store_, record_of("web")), FailsWith(Status::PsaErrorDoesNotExist));
  ASSERT_THAT(done(*store_, &Store::reserve, record_of("web")), IsOk());
  KeyRecord other = record_of("web");
  other.material = *SecretBuffer::copy_of(view_of("of one before"));
  EXPECT_THAT(abandon(*store_, std::move(other)), FailsWith(Status::PsaErrorDoesNotExist));
  ASSERT_THAT(done(*store_, &Store::fulfil, record_of("web")), IsOk());
  EXPECT_THAT(abandon(*store_, record_of("web")), FailsWith(Status::PsaErrorDoesNotExist));
  EXPECT_THAT(store_->find(id_of("web")), IsOk());
}

TEST_P(StoreSuite, KeyBeingDestroyedIsInvisibleAndItsNameFree) {
  ASSERT_THAT(create(*store_, "web"), IsOk());
  std::uint64_t serial = (*store_->find(id_of("web")))->serial;
  ASSERT_THAT(begin_destroy(*store_, "web"), IsOk());
  EXPECT_THAT(store_->find(id_of("web")), FailsWith(Status::PsaErrorDoesNotExist));
  EXPECT_THAT(store_->keys_of(id_of("web").application), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(store_->check_free(id_of("web")), IsOk());
  ASSERT_THAT(create(*store_, "web"), IsOk());
  ASSERT_THAT(done(*store_, &Store::finish_destroy, serial), IsOk());
  EXPECT_THAT(store_->find(id_of("web")), IsOk());
  EXPECT_THAT(done(*store_, &Store::finish_destroy, serial),
              FailsWith(Status::PsaErrorDoesNotExist));
}

TEST_P(StoreSuite, AnotherKeyThatHasTheNameByNowIsLeftAlone) {
  ASSERT_THAT(create(*store_, "web"), IsOk());
  const KeyRecordPtr old = *store_->find(id_of("web"));
  ASSERT_THAT(done(*store_, &Store::destroy_record, *old), IsOk());
  ASSERT_THAT(create(*store_, "web"), IsOk());
  EXPECT_THAT(done(*store_, &Store::begin_destroy, *old), FailsWith(Status::PsaErrorDoesNotExist));
  EXPECT_THAT(done(*store_, &Store::destroy_record, *old), FailsWith(Status::PsaErrorDoesNotExist));
  EXPECT_THAT(store_->find(id_of("web")), IsOk());
}

TEST_P(StoreSuite, WhatIsAbandonedIsOfTheTimeOfItsReservation) {
  KeyRecord reserved = record_of("web");
  const auto then = std::chrono::sys_seconds(std::chrono::seconds(1'700'000'000));
  reserved.created = then;
  ASSERT_THAT(done(*store_, &Store::reserve, std::move(reserved)), IsOk());
  std::promise<Result<KeyRecordPtr>> abandoned;
  store_->abandon(record_of("web"), [&](auto result) { abandoned.set_value(std::move(result)); });
  EXPECT_EQ((*abandoned.get_future().get())->created, then);
}

TEST_P(StoreSuite, UnfinishedKeysAreThoseOfTheProvider) {
  KeyId other = id_of("other");
  other.provider.instance = "second";
  ASSERT_THAT(done(*store_, &Store::reserve, record_of(other)), IsOk());
  ASSERT_THAT(done(*store_, &Store::reserve, record_of("pending")), IsOk());
  ASSERT_THAT(create(*store_, "going"), IsOk());
  ASSERT_THAT(begin_destroy(*store_, "going"), IsOk());
  ASSERT_THAT(create(*store_, "plain"), IsOk());
  Result<std::vector<Store::Unfinished>> unfinished = store_->unfinished(id_of("pending").provider);
  ASSERT_THAT(unfinished, IsOkAndHolds(SizeIs(2)));
  for (const Store::Unfinished& key : *unfinished)
    EXPECT_EQ(key.record->id.name, key.state == KeyState::Pending ? "pending" : "going");
}

TEST_P(StoreSuite, NamesThePresentKeysOfAProvider) {
  KeyId other = id_of("other");
  other.provider.instance = "second";
  KeyId note = id_of("note");
  note.application.authenticator = kServiceAuthenticator;
  for (KeyRecord& record : std::array{record_of(other), record_of(note), record_of("web")})
    ASSERT_THAT(done(*store_, &Store::create, std::move(record)), IsOk());
  ASSERT_THAT(done(*store_, &Store::reserve, record_of("pending")), IsOk());
  ASSERT_THAT(create(*store_, "going"), IsOk());
  ASSERT_THAT(begin_destroy(*store_, "going"), IsOk());
  EXPECT_THAT(store_->names_of(id_of("web").provider), IsOkAndHolds(ElementsAre(id_of("web"))));
}

TEST_P(StoreSuite, ListsKeysAndApplicationsOfOneNamespace) {
  KeyId tenant = id_of("web");
  tenant.application = {.authenticator = 254, .name = "shop"};
  KeyId second = id_of("web");
  second.application.name = "0999";
  ASSERT_THAT(done(*store_, &Store::create, record_of(tenant)), IsOk());
  ASSERT_THAT(done(*store_, &Store::create, record_of(second)), IsOk());
  ASSERT_THAT(create(*store_, "web"), IsOk());
  ASSERT_THAT(create(*store_, "mail"), IsOk());
  EXPECT_THAT(store_->keys_of(id_of("web").application), IsOkAndHolds(SizeIs(2)));
  EXPECT_THAT(store_->peek_keys_of(id_of("web").application, 2)->size(), 2U);
  EXPECT_EQ(store_->peek_keys_of(id_of("web").application, 1), std::nullopt);
  EXPECT_THAT(store_->applications(3), ElementsAre("0999", "1000"));
  EXPECT_THAT(store_->applications(254), ElementsAre("shop"));
}

TEST_P(StoreSuite, ApplicationWithoutKeysIsNotListed) {
  ASSERT_THAT(create(*store_, "web"), IsOk());
  ASSERT_THAT(destroy(*store_, "web"), IsOk());
  EXPECT_THAT(store_->applications(3), IsEmpty());
}

TEST_P(StoreSuite, ChangesOfOneCallerAreDoneInOrder) {
  std::atomic<int> failures = 0;
  auto count = [&failures](Result<> result) { failures += result ? 0 : 1; };
  for (int round = 0; round < 100; ++round) {
    store_->create(record_of("web"), count);
    store_->destroy(id_of("web"), count);
  }
  ASSERT_THAT(create(*store_, "web"), IsOk());
  EXPECT_EQ(failures, 0);
}

TEST_P(StoreSuite, OfManyCreatesOfOneNameExactlyOneWins) {
  constexpr int kThreads = 64;
  std::atomic<int> wins = 0;
  std::atomic<int> losses = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i)
      threads.emplace_back([&] {
        Result<> result = create(*store_, "web");
        if (result) ++wins;
        if (!result && result.error().status() == Status::PsaErrorAlreadyExists) ++losses;
      });
  }
  EXPECT_EQ(wins, 1);
  EXPECT_EQ(losses, kThreads - 1);
}

// A row's place must not pass to another key while a reader has it in hand.
TEST_P(StoreSuite, ReadersAreNotMisledByKeysThatReplaceOthers) {
  std::atomic<bool> is_over = false;
  std::atomic<int> surprises = 0;
  std::jthread reader([&] {
    for (int round = 0; !is_over; ++round) {
      Result<KeyRecordPtr> found = store_->find(id_of(round % 2 == 0 ? "web" : "mail"));
      if (!found && found.error().status() != Status::PsaErrorDoesNotExist) ++surprises;
    }
  });
  for (int round = 0; round < 100; ++round)
    for (const char* name : {"web", "mail"}) {
      EXPECT_THAT(create(*store_, name), IsOk());
      EXPECT_THAT(destroy(*store_, name), IsOk());
    }
  is_over = true;
  reader.join();
  EXPECT_EQ(surprises, 0);
  EXPECT_FALSE(store_->health().is_degraded) << store_->health().reason;
}

TEST_P(StoreSuite, ReadersSeeWholeRecordsWhileKeysComeAndGo) {
  std::atomic<bool> is_over = false;
  std::atomic<int> surprises = 0;
  std::jthread reader([&] {
    while (!is_over) {
      Result<KeyRecordPtr> found = store_->find(id_of("web"));
      bool is_fine = found ? material_of(**found) == "secret of web"
                           : found.error().status() == Status::PsaErrorDoesNotExist;
      std::optional<Result<KeyRecordPtr>> seen = store_->peek(id_of("web"));
      if (seen && *seen && material_of(***seen) != "secret of web") is_fine = false;
      if (!store_->keys_of(id_of("web").application)) is_fine = false;
      if (!is_fine) ++surprises;
    }
  });
  for (int round = 0; round < 50; ++round) {
    EXPECT_THAT(create(*store_, "web"), IsOk());
    EXPECT_THAT(begin_destroy(*store_, "web"), IsOk());
    auto unfinished = store_->unfinished(id_of("web").provider);
    ASSERT_THAT(unfinished, IsOkAndHolds(SizeIs(1)));
    EXPECT_THAT(done(*store_, &Store::finish_destroy, unfinished->at(0).record->serial), IsOk());
  }
  is_over = true;
  reader.join();
  EXPECT_EQ(surprises, 0);
  EXPECT_FALSE(store_->health().is_degraded) << store_->health().reason;
}

}  // namespace
}  // namespace strongroom::testing
