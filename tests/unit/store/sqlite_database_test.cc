#include "service/store/disk/sqlite_database.h"

#include <sqlite3.h>

#include "service/store/disk/key_file.h"
#include "service/store/disk/transaction.h"
#include "tests/unit/store/store_fixture.h"

namespace strongroom::testing {
namespace {

struct ErrorRow {
  int code;
  Status status;
};

TEST(SqliteErrorTest, EachCodeHasItsStatus) {
  const std::vector<ErrorRow> rows = {
      {SQLITE_FULL, Status::PsaErrorInsufficientStorage},
      {SQLITE_NOMEM, Status::PsaErrorInsufficientMemory},
      {SQLITE_IOERR_NOMEM, Status::KeyInfoManagerError},
      {SQLITE_CONSTRAINT_UNIQUE, Status::PsaErrorAlreadyExists},
      {SQLITE_CONSTRAINT_PRIMARYKEY, Status::PsaErrorAlreadyExists},
      {SQLITE_CONSTRAINT_NOTNULL, Status::KeyInfoManagerError},
      {SQLITE_IOERR, Status::KeyInfoManagerError},
      {SQLITE_IOERR_FSYNC, Status::KeyInfoManagerError},
      {SQLITE_IOERR_WRITE, Status::KeyInfoManagerError},
      {SQLITE_CORRUPT, Status::KeyInfoManagerError},
      {SQLITE_NOTADB, Status::KeyInfoManagerError},
      {SQLITE_READONLY, Status::KeyInfoManagerError},
      {SQLITE_CANTOPEN, Status::KeyInfoManagerError},
      {SQLITE_BUSY, Status::KeyInfoManagerError},
      {SQLITE_ERROR, Status::KeyInfoManagerError},
  };
  for (const ErrorRow& row : rows) {
    Error error = sqlite_error("trying", row.code);
    EXPECT_EQ(error.status(), row.status) << row.code;
    EXPECT_THAT(error.message(),
                ::testing::StartsWith(fmt::format("trying: sqlite {:#x}", row.code)));
  }
}

class DatabaseTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_THAT(create_private_file(path_), IsOk()); }
  Result<Database> open() { return Database::open(path_, 64); }

  TemporaryDirectory directory_;
  const std::string path_ = directory_.path() + "/test.db";
};

TEST_F(DatabaseTest, KeepsWhatTheStoreReliesOn) {
  Result<Database> database = open();
  ASSERT_THAT(database, IsOk());
  for (const auto& [pragma, value] :
       {std::pair{"synchronous", 2}, std::pair{"secure_delete", 1}, std::pair{"trusted_schema", 0},
        std::pair{"wal_autocheckpoint", 256}}) {
    Statement statement = *database->prepare(fmt::format("PRAGMA {}", pragma).c_str());
    ASSERT_THAT(statement.step(), IsOkAndHolds(true)) << pragma;
    EXPECT_EQ(statement.integer(0), value) << pragma;
  }
}

TEST_F(DatabaseTest, GivesValuesOnlyOfTheirType) {
  Result<Database> database = open();
  ASSERT_THAT(database, IsOk());
  Statement statement = *database->prepare("SELECT ?, ?, ?, NULL");
  statement.bind(1, 7).bind_blob(2, view_of("blob")).bind_text(3, "text");
  ASSERT_THAT(statement.step(), IsOkAndHolds(true));
  EXPECT_EQ(statement.integer(0), 7);
  EXPECT_EQ(text_of(statement.blob(1).value()), "blob");
  EXPECT_EQ(statement.text(2), "text");
  EXPECT_FALSE(statement.blob(0) || statement.text(0) || statement.integer(1) ||
               statement.text(1) || statement.integer(2) || statement.blob(2));
  EXPECT_FALSE(statement.integer(3) || statement.blob(3) || statement.text(3));
}

TEST_F(DatabaseTest, EmptyValuesAreNotNull) {
  Result<Database> database = open();
  ASSERT_THAT(database, IsOk());
  Statement statement = *database->prepare("SELECT ?, ?");
  statement.bind_blob(1, {}).bind_text(2, {});
  ASSERT_THAT(statement.step(), IsOkAndHolds(true));
  EXPECT_TRUE(statement.blob(0));
  EXPECT_EQ(statement.text(1), "");
}

TEST_F(DatabaseTest, CutsItsWalToNothing) {
  Result<Database> database = open();
  ASSERT_THAT(database, IsOk());
  ASSERT_THAT(database->execute("CREATE TABLE t (a)"), IsOk());
  EXPECT_FALSE(read_file(path_ + "-wal").empty());
  EXPECT_THAT(database->truncate_wal(), IsOkAndHolds(true));
  EXPECT_TRUE(read_file(path_ + "-wal").empty());
}

TEST_F(DatabaseTest, ATransactionThatFailsLeavesNothingBehind) {
  Result<Database> database = open();
  ASSERT_THAT(database, IsOk());
  ASSERT_THAT(database->execute("CREATE TABLE numbers (number INTEGER)"), IsOk());
  const auto insert = [&] { return database->execute("INSERT INTO numbers VALUES (1)"); };
  const auto insert_and_fail = [&]() -> Result<> {
    EXPECT_THAT(insert(), IsOk());
    return fail(Status::PsaErrorInsufficientStorage, "full");
  };
  EXPECT_THAT(in_transaction(*database, insert_and_fail),
              FailsWith(Status::PsaErrorInsufficientStorage));
  EXPECT_FALSE(database->is_in_transaction());
  EXPECT_THAT(in_transaction(*database, insert), IsOk());
  Statement count = *database->prepare("SELECT count(*) FROM numbers");
  ASSERT_THAT(count.step(), IsOkAndHolds(true));
  EXPECT_EQ(count.integer(0), 1);
}

TEST_F(DatabaseTest, DoesNotMakeAMissingFile) {
  EXPECT_THAT(Database::open(path_ + "x", 64), FailsWith(Status::KeyInfoManagerError));
}

}  // namespace
}  // namespace strongroom::testing
