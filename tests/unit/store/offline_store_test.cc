// Records that are added to a store which is not served are all there, or none is, and the store is
// as if it had made them itself.
#include "service/store/disk/offline_store.h"

#include "tests/unit/store/store_fixture.h"

namespace strongroom {
namespace {

using testing::FailsWith;
using testing::id_of;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::record_of;

class OfflineStoreTest : public ::testing::Test {
 protected:
  Result<OfflineStore> opened(MissingStore missing = MissingStore::Refuse) {
    return OfflineStore::open(store_.settings, missing);
  }
  static std::vector<KeyRecord> records(const std::vector<std::string>& names) {
    std::vector<KeyRecord> all;
    for (const std::string& name : names)
      all.push_back(record_of(name));
    return all;
  }
  // With the store made before.
  void make_store() {
    ASSERT_THAT(store_.open(), IsOk());
    ASSERT_THAT(testing::create(*store_, "there"), IsOk());
    store_.close();
  }

  testing::StoreInDirectory store_;
};

TEST_F(OfflineStoreTest, WhatWasAddedIsServedAndTheHeadAgrees) {
  make_store();
  ASSERT_THAT(opened()->add(records({"one", "two"})), IsOk());
  ASSERT_THAT(store_.open(), IsOk());
  for (const char* name : {"there", "one", "two"}) {
    auto found = store_->find(id_of(name));
    ASSERT_THAT(found, IsOk());
    EXPECT_EQ(testing::material_of(**found), testing::material_of(record_of(name)));
  }
  EXPECT_NE((*store_->find(id_of("one")))->serial, (*store_->find(id_of("two")))->serial);
  EXPECT_FALSE(testing::settled_health(*store_).is_degraded);
  EXPECT_THAT(testing::create(*store_, "three"), IsOk());
}

TEST_F(OfflineStoreTest, ANameThatIsTakenLeavesAllAsItWas) {
  make_store();
  {
    auto offline = opened();
    ASSERT_THAT(offline, IsOk());
    EXPECT_THAT(offline->add(records({"one", "there"})), FailsWith(Status::PsaErrorAlreadyExists));
    EXPECT_THAT(offline->add(records({"one", "one"})), FailsWith(Status::PsaErrorAlreadyExists));
    EXPECT_THAT(offline->find(id_of("one")), IsOkAndHolds(nullptr));
  }
  ASSERT_THAT(store_.open(), IsOk());
  EXPECT_THAT(store_->find(id_of("one")), FailsWith(Status::PsaErrorDoesNotExist));
  EXPECT_FALSE(testing::settled_health(*store_).is_degraded);
}

TEST_F(OfflineStoreTest, WhatIsThereIsFound) {
  make_store();
  auto offline = opened();
  ASSERT_THAT(offline, IsOk());
  auto found = offline->find(id_of("there"));
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(testing::material_of(**found), testing::material_of(record_of("there")));
  EXPECT_THAT(offline->has_keys_of(id_of("there").provider), IsOkAndHolds(true));
  EXPECT_THAT(offline->has_keys_of({.uuid = {}, .instance = "another"}), IsOkAndHolds(false));
}

TEST_F(OfflineStoreTest, AKeyThatIsBeingMadeHoldsItsName) {
  ASSERT_THAT(store_.open(), IsOk());
  ASSERT_THAT(testing::done(*store_, &Store::reserve, record_of("made")), IsOk());
  store_.close();
  EXPECT_THAT(opened()->find(id_of("made")), FailsWith(Status::PsaErrorDataCorrupt));
}

TEST_F(OfflineStoreTest, NotesOfTheServiceAreNoKeys) {
  make_store();
  KeyRecord note = record_of("note");
  note.id.application = {.authenticator = kServiceAuthenticator, .name = "strongroom"};
  note.id.provider.instance = "device";
  std::vector<KeyRecord> notes;
  notes.push_back(std::move(note));
  auto offline = opened();
  ASSERT_THAT(offline, IsOk());
  ASSERT_THAT(offline->add(notes), IsOk());
  EXPECT_THAT(offline->has_keys_of({.uuid = notes[0].id.provider.uuid, .instance = "device"}),
              IsOkAndHolds(false));
}

TEST_F(OfflineStoreTest, ThatIsServedIsLeftAlone) {
  ASSERT_THAT(store_.open(), IsOk());
  EXPECT_THAT(opened(), FailsWith(Status::KeyInfoManagerError));
}

TEST_F(OfflineStoreTest, ThatIsMissingIsMadeOnDemandAlone) {
  EXPECT_THAT(opened(), FailsWith(Status::KeyInfoManagerError));
  {
    auto made = opened(MissingStore::Create);
    ASSERT_THAT(made, IsOk());
    EXPECT_THAT(made->add(records({"one"})), IsOk());
  }
  ASSERT_THAT(store_.open(), IsOk());
  EXPECT_THAT(store_->find(id_of("one")), IsOk());
}

}  // namespace
}  // namespace strongroom
