// One who can write the file, but lacks the store key, against the seals, the head and fsck.
#include <algorithm>

#include "tests/unit/store/tampering_fixture.h"

namespace strongroom::testing {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::Field;
using ::testing::IsEmpty;

TEST_F(TamperingTest, NoKeyIsTakenThatTheNextStartWouldNotFind) {
  tamper("UPDATE key SET id = 9223372036854775807 WHERE name = x'6d61696c'");
  Result<> created = create(*store_, "new");
  ASSERT_THAT(store_.open(), IsOk());
  if (created) expect_usable("new");
  for (const char* name : {"web", "mail", "other"})
    expect_usable(name);
}

TEST_F(TamperingTest, EditedSealIsNoticed) {
  tamper("UPDATE key SET sealed = zeroblob(length(sealed)) WHERE name = x'776562'");
  expect_noticed();
  EXPECT_TRUE(store_->health().is_altered);
  expect_unreadable("web");
  EXPECT_THAT(done(*store_, &Store::replace, record_of("web")),
              FailsWith(Status::PsaErrorDataCorrupt));
  expect_usable("mail");
  EXPECT_EQ(store_->keys_of(id_of("").application)->size(), 2U);
  expect_healthy_once_accepted();
  expect_unreadable("web");
  expect_usable("mail");
}

// The clear columns with an edit that leaves each row well-formed.
class EditedColumn : public TamperingTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(EditedColumn, IsNoticed) {
  tamper(fmt::format("UPDATE key SET {} WHERE name = x'776562'", GetParam()));
  expect_noticed();
  EXPECT_EQ(store_->health().unreadable_records, 1U);
  EXPECT_FALSE(store_->find(id_of("web")).has_value());
  expect_usable("mail");
  expect_healthy_once_accepted();
}

INSTANTIATE_TEST_SUITE_P(Columns, EditedColumn,
                         ::testing::Values("authenticator = 4", "application = x'31303031'",
                                           "provider_uuid = zeroblob(16)",
                                           "provider_instance = 'softwarf'", "name = x'7765'",
                                           "state = 2", "serial = serial + 100",
                                           "created = created + 1", "owner_name = 'root'",
                                           "salt = zeroblob(32)", "sealed = sealed || x'00'",
                                           "sealed = x''", "salt = x''"));

// Rows that are none.
class MalformedColumn : public TamperingTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(MalformedColumn, IsNoticed) {
  tamper(fmt::format("UPDATE key SET {} WHERE name = x'776562'", GetParam()));
  expect_noticed();
  expect_usable("mail");
  EXPECT_EQ(store_->health().unreadable_records, 1U);
  expect_healthy_once_accepted();
}

INSTANTIATE_TEST_SUITE_P(Columns, MalformedColumn,
                         ::testing::Values("authenticator = 256", "authenticator = 'x'",
                                           "provider_uuid = zeroblob(15)", "name = 7", "state = 0",
                                           "state = 4", "serial = -1", "serial = 1.5",
                                           "created = 'now'", "owner_name = x'00'",
                                           "application = 1.5"));

// Rows of another's making beside those of the daemon's: each takes a name and is none of the
// head's.
struct Insertion {
  const char* label;
  const char* values;  // of a SELECT from the row of "web"
};

class InsertedRow : public TamperingTest, public ::testing::WithParamInterface<Insertion> {
 protected:
  std::string statement() const {
    return fmt::format("INSERT INTO key SELECT {} FROM key WHERE name = x'776562'",
                       GetParam().values);
  }
};

TEST_P(InsertedRow, IsNoticedUntilAccepted) {
  tamper(statement());
  expect_noticed();
  EXPECT_EQ(store_->health().unreadable_records, 1U);
  for (const char* name : {"web", "mail", "other"})
    expect_usable(name);
  CheckReport found = fsck(CheckMode::Report);
  EXPECT_THAT(found.findings, Contains(Field(&Finding::kind, Finding::Kind::HeadDiffers)));
  EXPECT_THAT(found.findings, Contains(Field(&Finding::kind, Finding::Kind::Unreadable)));
  ASSERT_THAT(store_.open(), IsOk());
  expect_healthy_once_accepted();
}

TEST_P(InsertedRow, StaysAcceptedThroughLaterChanges) {
  tamper(statement());
  store_.close();
  ASSERT_TRUE(fsck(CheckMode::Accept).is_accepted);
  ASSERT_THAT(store_.open(), IsOk());
  ASSERT_THAT(destroy(*store_, "web"), IsOk());
  ASSERT_THAT(create(*store_, "new"), IsOk());
  ASSERT_THAT(store_.open(), IsOk());
  StoreHealth health = settled_health(*store_);
  EXPECT_FALSE(health.is_degraded) << health.reason;
  EXPECT_EQ(health.unreadable_records, 1U);
  EXPECT_THAT(fsck(CheckMode::Report).findings,
              Each(Field(&Finding::kind, Finding::Kind::Unreadable)));
}

TEST_P(InsertedRow, IsNoticedWhenItIsReplacedAfterItWasAccepted) {
  tamper(statement());
  store_.close();
  ASSERT_TRUE(fsck(CheckMode::Accept).is_accepted);
  store_.sql("UPDATE key SET name = name || x'21', created = created + 1 WHERE id = 77");
  ASSERT_THAT(store_.open(), IsOk());
  expect_noticed();
}

INSTANTIATE_TEST_SUITE_P(
    Rows, InsertedRow,
    ::testing::Values(Insertion{"Random",
                                "77, authenticator, application, provider_uuid, provider_instance,"
                                " x'6e6577657374', 1, 77, created, owner_name, randomblob(32),"
                                " randomblob(200)"},
                      Insertion{"CopiedUnderANewName",
                                "77, authenticator, application, provider_uuid, provider_instance,"
                                " x'6e6577657374', state, 77, created, owner_name, salt, sealed"},
                      Insertion{"Malformed",
                                "77, authenticator, application, provider_uuid, provider_instance,"
                                " x'6e6577657374', 9, 77, created, owner_name, salt, sealed"}),
    [](const auto& row) { return std::string(row.param.label); });

TEST_F(TamperingTest, SealOfTheWrongTypeIsNoticed) {
  tamper("UPDATE key SET sealed = 'text', salt = 3 WHERE name = x'776562'");
  expect_noticed();
  expect_unreadable("web");
  expect_usable("mail");
}

TEST_F(TamperingTest, SealOfAnotherKeyIsNoticed) {
  tamper(
      "UPDATE key SET (salt, sealed) = (SELECT salt, sealed FROM key WHERE name = x'6d61696c')"
      " WHERE name = x'776562'");
  expect_noticed();
  expect_unreadable("web");
  expect_usable("mail");
}

TEST_F(TamperingTest, SwappedNamesAreNoticed) {
  tamper(
      "UPDATE key SET name = x'00' WHERE name = x'776562';"
      "UPDATE key SET name = x'776562' WHERE name = x'6d61696c';"
      "UPDATE key SET name = x'6d61696c' WHERE name = x'00'");
  expect_noticed();
  expect_unreadable("web");
  expect_unreadable("mail");
  expect_usable("other");
}

TEST_F(TamperingTest, DeletedRowIsNoticed) {
  tamper("DELETE FROM key WHERE name = x'776562'");
  expect_noticed();
  EXPECT_THAT(store_->find(id_of("web")), FailsWith(Status::PsaErrorDoesNotExist));
  expect_usable("mail");
  ASSERT_THAT(create(*store_, "new"), IsOk());
  ASSERT_THAT(store_.open(), IsOk());
  expect_noticed();
  expect_healthy_once_accepted();
}

TEST_F(TamperingTest, RowPutBackAfterADestroyIsNoticed) {
  store_.close();
  store_.sql(fmt::format("ATTACH '{}' AS kept; CREATE TABLE kept.old AS SELECT * FROM key",
                         store_.file("kept.db")));
  ASSERT_THAT(store_.open(), IsOk());
  ASSERT_THAT(destroy(*store_, "web"), IsOk());
  tamper(fmt::format(
      "ATTACH '{}' AS kept; INSERT INTO key SELECT * FROM kept.old WHERE name = x'776562'",
      store_.file("kept.db")));
  expect_noticed();
  expect_usable("mail");
}

TEST_F(TamperingTest, OlderVersionOfARowIsNoticed) {
  ASSERT_THAT(done(*store_, &Store::reserve, record_of("device")), IsOk());
  store_.close();
  store_.sql(fmt::format("ATTACH '{}' AS kept; CREATE TABLE kept.old AS SELECT * FROM key",
                         store_.file("kept.db")));
  ASSERT_THAT(store_.open(), IsOk());
  ASSERT_THAT(done(*store_, &Store::fulfil, record_of("device")), IsOk());
  tamper(fmt::format("ATTACH '{}' AS kept; INSERT OR REPLACE INTO key SELECT * FROM kept.old",
                     store_.file("kept.db")));
  expect_noticed();
  EXPECT_EQ(store_->health().unreadable_records, 0U) << "each row verifies by itself";
  expect_usable("mail");
  expect_healthy_once_accepted();
}

TEST_F(TamperingTest, DamagedHeadIsNoticedAndStaysUntilAccepted) {
  tamper("UPDATE meta SET value = zeroblob(113) WHERE name = 'head'");
  expect_noticed();
  expect_usable("web");
  ASSERT_THAT(destroy(*store_, "web"), IsOk());
  ASSERT_THAT(create(*store_, "web"), IsOk());
  ASSERT_THAT(store_.open(), IsOk());
  expect_noticed();
  expect_healthy_once_accepted();
}

TEST_F(TamperingTest, OlderHeadIsNoticed) {
  store_.close();
  std::string old = store_.sql("SELECT hex(value) FROM meta WHERE name = 'head'");
  ASSERT_THAT(store_.open(), IsOk());
  ASSERT_THAT(create(*store_, "new"), IsOk());
  tamper(fmt::format("UPDATE meta SET value = x'{}' WHERE name = 'head'", old));
  expect_noticed();
  ASSERT_THAT(create(*store_, "newer"), IsOk());
  EXPECT_NE((*store_->find(id_of("new")))->serial, (*store_->find(id_of("newer")))->serial);
}

TEST_F(TamperingTest, EditWhileTheDaemonRunsIsNoticedAtFirstUse) {
  ASSERT_THAT(store_.open(), IsOk());
  ASSERT_FALSE(settled_health(*store_).is_degraded);
  store_.sql("UPDATE key SET created = created + 1 WHERE name = x'776562'");
  expect_unreadable("web");
  EXPECT_TRUE(store_->health().is_degraded);
  expect_usable("mail");
}

TEST_F(TamperingTest, RowDeletedWhileTheDaemonRunsIsNoticedAtFirstUse) {
  ASSERT_THAT(store_.open(), IsOk());
  ASSERT_FALSE(settled_health(*store_).is_degraded);
  store_.sql("DELETE FROM key WHERE name = x'776562'");
  EXPECT_THAT(store_->find(id_of("web")), FailsWith(Status::PsaErrorDataCorrupt));
  EXPECT_TRUE(store_->health().is_degraded);
}

TEST_F(TamperingTest, RowNumbersInTheWayDoNotStopTheStore) {
  tamper("UPDATE key SET id = 4 WHERE name = x'776562'");
  EXPECT_THAT(create(*store_, "new"), IsOk());
  expect_usable("web");
}

TEST_F(TamperingTest, CleanStoreHasNoFindings) {
  CheckReport report = fsck(CheckMode::Report);
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(report.records, 3U);
  EXPECT_EQ(report.verified, 3U);
}

TEST_F(TamperingTest, FsckListsWhatIsNotPlain) {
  ASSERT_THAT(done(*store_, &Store::reserve, record_of("pending")), IsOk());
  ASSERT_THAT(begin_destroy(*store_, "mail"), IsOk());
  store_.close();
  store_.sql("UPDATE key SET sealed = x'00' WHERE name = x'776562'");
  CheckReport report = fsck(CheckMode::Report);
  for (auto [kind, name] :
       {std::pair{Finding::Kind::Pending, "pending"}, std::pair{Finding::Kind::Destroying, "mail"},
        std::pair{Finding::Kind::Unreadable, "web"}}) {
    auto found = std::ranges::find(report.findings, kind, &Finding::kind);
    ASSERT_NE(found, report.findings.end()) << name;
    EXPECT_EQ(found->key, id_of(name));
  }
  EXPECT_THAT(report.findings, Contains(Field(&Finding::kind, Finding::Kind::HeadDiffers)));
  EXPECT_EQ(report.records, 4U);
  EXPECT_EQ(report.verified, 3U);
}

TEST_F(TamperingTest, FsckIsRefusedWhileTheStoreIsInUse) {
  EXPECT_THAT(check_store(store_.settings, CheckMode::Report),
              FailsWith(Status::KeyInfoManagerError));
}

TEST_F(TamperingTest, FsckMakesNoStore) {
  store_.close();
  store_.settings.database = store_.file("absent.db");
  EXPECT_THAT(check_store(store_.settings, CheckMode::Accept),
              FailsWith(Status::KeyInfoManagerError));
  EXPECT_NE(::access(store_.settings.database.c_str(), F_OK), 0);
}

}  // namespace
}  // namespace strongroom::testing
