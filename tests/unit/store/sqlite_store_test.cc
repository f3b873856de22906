#include "service/store/sqlite_store.h"

#include <atomic>
#include <fstream>
#include <sys/stat.h>
#include <thread>

#include "service/store/disk/store_lock.h"
#include "tests/support/no_more_threads.h"
#include "tests/unit/store/store_fixture.h"
#include "tests/unit/store/store_suite.h"

namespace strongroom::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

std::shared_ptr<Store> store_in_its_directory(std::size_t cache_bytes) {
  auto directory = std::make_shared<StoreInDirectory>();
  directory->settings.cache_bytes = cache_bytes;
  EXPECT_THAT(directory->open(), IsOk());
  return {directory, &**directory};
}

INSTANTIATE_TEST_SUITE_P(SqliteStore, StoreSuite,
                         ::testing::Values(StoreUnderTest{
                             "Sqlite", [] { return store_in_its_directory(1 << 20); }}),
                         [](const auto& tested) { return tested.param.name; });

class SqliteStoreTest : public ::testing::Test {
 protected:
  void expect_refusal(const std::string& cause) {
    Result<> opened = store_.open();
    ASSERT_THAT(opened, FailsWith(Status::KeyInfoManagerError));
    EXPECT_THAT(opened.error().message(), HasSubstr(cause));
  }

  StoreInDirectory store_;
};

TEST_F(SqliteStoreTest, KeysOutliveTheDaemon) {
  ASSERT_THAT(store_.open(), IsOk());
  ASSERT_THAT(create(*store_, "web"), IsOk());
  ASSERT_THAT(done(*store_, &Store::reserve, record_of("pending")), IsOk());
  ASSERT_THAT(create(*store_, "going"), IsOk());
  ASSERT_THAT(begin_destroy(*store_, "going"), IsOk());
  ASSERT_THAT(store_.open(), IsOk());
  EXPECT_FALSE(store_->peek(id_of("web"))) << "opened at first use, not at start";
  Result<KeyRecordPtr> found = store_->find(id_of("web"));
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(material_of(**found), "secret of web");
  EXPECT_THAT(store_->unfinished(id_of("web").provider), IsOkAndHolds(SizeIs(2)));
  StoreHealth health = settled_health(*store_);
  EXPECT_FALSE(health.is_checking);
  EXPECT_FALSE(health.is_degraded) << health.reason;
}

TEST_F(SqliteStoreTest, SerialsAreNotUsedAgainAfterAStart) {
  ASSERT_THAT(store_.open(), IsOk());
  ASSERT_THAT(create(*store_, "web"), IsOk());
  std::uint64_t first = (*store_->find(id_of("web")))->serial;
  ASSERT_THAT(destroy(*store_, "web"), IsOk());
  ASSERT_THAT(store_.open(), IsOk());
  ASSERT_THAT(create(*store_, "web"), IsOk());
  EXPECT_GT((*store_->find(id_of("web")))->serial, first);
}

TEST_F(SqliteStoreTest, FullCacheReadsAgain) {
  store_.settings.cache_bytes = 4096;
  ASSERT_THAT(store_.open(), IsOk());
  for (int i = 0; i < 100; ++i)
    ASSERT_THAT(create(*store_, fmt::format("key{}", i)), IsOk());
  EXPECT_FALSE(store_->peek(id_of("key0")));
  EXPECT_TRUE(store_->peek(id_of("key99")));
  EXPECT_THAT(store_->find(id_of("key0")), IsOk());
  EXPECT_TRUE(store_->drop_cached());
  EXPECT_FALSE(store_->peek(id_of("key99")));
  EXPECT_FALSE(store_->drop_cached());
}

TEST_F(SqliteStoreTest, ClosingCommitsWhatIsQueued) {
  ASSERT_THAT(store_.open(), IsOk());
  std::atomic<int> committed = 0;
  for (int i = 0; i < 1000; ++i)
    store_->create(record_of(fmt::format("key{}", i)),
                   [&](Result<> result) { committed += result ? 1 : 0; });
  ASSERT_THAT(store_.open(), IsOk());
  EXPECT_EQ(committed, 1000);
  EXPECT_THAT(store_->keys_of(id_of("").application), IsOkAndHolds(SizeIs(1000)));
}

TEST_F(SqliteStoreTest, LookForAFreeNameDoesNotWaitForTheIndex) {
  ASSERT_THAT(store_.open(), IsOk());
  ASSERT_THAT(create(*store_, "web"), IsOk());
  store_.close();
  store_.sql(
      "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)"
      " INSERT INTO key SELECT i, authenticator, application, provider_uuid, provider_instance,"
      " CAST('filler' || i AS BLOB), state, i, created, owner_name, salt, sealed FROM key, n"
      " WHERE id = 1");
  ASSERT_THAT(store_.open(), IsOk());
  EXPECT_THAT(store_->check_free(id_of("web")), IsOk());
  EXPECT_FALSE(store_->peek(id_of("web"))) << "the index has been read already";
  EXPECT_THAT(store_->find(id_of("web")), IsOk());
  EXPECT_THAT(store_->check_free(id_of("web")), FailsWith(Status::PsaErrorAlreadyExists));
}

TEST_F(SqliteStoreTest, FilesAreTheOwnersAlone) {
  ASSERT_THAT(store_.open(), IsOk());
  ASSERT_THAT(create(*store_, "web"), IsOk());
  for (const char* name : {"keys.db", "keys.db-wal", "keys.db-shm", "keys.db.lock", "store.key"}) {
    struct stat file{};
    ASSERT_EQ(::stat(store_.file(name).c_str(), &file), 0) << name;
    EXPECT_EQ(file.st_mode & 0777U, 0600U) << name;
  }
}

TEST_F(SqliteStoreTest, SecondProcessIsRefusedAndToldWhoHasTheStore) {
  ASSERT_THAT(store_.open(), IsOk());
  Result<std::unique_ptr<SqliteStore>> second = SqliteStore::open(store_.settings);
  ASSERT_THAT(second, FailsWith(Status::KeyInfoManagerError));
  EXPECT_THAT(second.error().message(), HasSubstr(fmt::format("process {}", ::getpid())));
  store_.close();
  EXPECT_THAT(SqliteStore::open(store_.settings), IsOk());
}

TEST_F(SqliteStoreTest, MissingKeyFileIsNamedAndNotMadeAgain) {
  ASSERT_THAT(store_.open(), IsOk());
  store_.close();
  ASSERT_EQ(::unlink(store_.key_file.c_str()), 0);
  expect_refusal(store_.key_file);
  EXPECT_NE(::access(store_.key_file.c_str(), F_OK), 0);
}

TEST_F(SqliteStoreTest, WrongKeyFileIsNamed) {
  ASSERT_THAT(store_.open(), IsOk());
  store_.close();
  write_file(store_.key_file, std::string(32, 'x'));
  expect_refusal("does not open store");
}

TEST_F(SqliteStoreTest, KeyFileThatOthersMayReadIsRefused) {
  ASSERT_THAT(store_.open(), IsOk());
  for (mode_t mode : {0640, 0604, 0620, 0601}) {
    ASSERT_EQ(::chmod(store_.key_file.c_str(), mode), 0);
    expect_refusal("lets others in");
  }
}

TEST_F(SqliteStoreTest, ShortKeyFileIsRefused) {
  ASSERT_THAT(store_.open(), IsOk());
  store_.close();
  write_file(store_.key_file, std::string(31, 'x'));
  expect_refusal("fewer than 32 bytes");
}

TEST_F(SqliteStoreTest, KeyFileBehindASymbolicLinkIsRefused) {
  ASSERT_THAT(store_.open(), IsOk());
  store_.close();
  std::string target = store_.file("elsewhere");
  ASSERT_EQ(::rename(store_.key_file.c_str(), target.c_str()), 0);
  ASSERT_EQ(::symlink(target.c_str(), store_.key_file.c_str()), 0);
  expect_refusal("open key file");
}

TEST_F(SqliteStoreTest, ForeignKeyFileIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  ASSERT_THAT(store_.open(), IsOk());
  store_.close();
  ASSERT_EQ(::chown(store_.key_file.c_str(), 64001, 64001), 0);
  expect_refusal("belongs to uid 64001");
}

TEST_F(SqliteStoreTest, LostDatabaseIsNotTakenForAnEmptyOne) {
  ASSERT_THAT(store_.open(), IsOk());
  ASSERT_THAT(create(*store_, "web"), IsOk());
  store_.close();
  std::string key = read_file(store_.key_file);
  ASSERT_EQ(::unlink(store_.settings.database.c_str()), 0);
  expect_refusal("is missing");
  write_file(store_.settings.database, "");
  expect_refusal("is missing");
  store_.settings.start = StoreStart::Init;
  ASSERT_THAT(store_.open(), IsOk());
  EXPECT_EQ(read_file(store_.key_file), key);
}

TEST_F(SqliteStoreTest, FirstStartThatWasCutShortIsTakenUpAgain) {
  ASSERT_THAT(store_.open(), IsOk());
  store_.close();
  ASSERT_EQ(::unlink(store_.settings.database.c_str()), 0);
  write_file(store_.settings.database + ".creating", "");
  EXPECT_THAT(store_.open(), IsOk());
  EXPECT_NE(::access((store_.settings.database + ".creating").c_str(), F_OK), 0);
}

TEST_F(SqliteStoreTest, InitNeverEmptiesAStore) {
  ASSERT_THAT(store_.open(), IsOk());
  ASSERT_THAT(create(*store_, "web"), IsOk());
  store_.settings.start = StoreStart::Init;
  ASSERT_THAT(store_.open(), IsOk());
  EXPECT_THAT(store_->find(id_of("web")), IsOk());
}

TEST_F(SqliteStoreTest, NewerSchemaIsRefused) {
  ASSERT_THAT(store_.open(), IsOk());
  store_.close();
  store_.sql("UPDATE meta SET value = 2 WHERE name = 'schema'");
  expect_refusal("newer than this program's");
}

TEST_F(SqliteStoreTest, ForeignSchemaIsRefused) {
  ASSERT_THAT(store_.open(), IsOk());
  store_.close();
  store_.sql("CREATE TRIGGER keep BEFORE DELETE ON key BEGIN SELECT 1; END");
  expect_refusal("schema is not that of version 1");
  store_.sql("DROP TRIGGER keep; DROP INDEX key_identity");
  expect_refusal("schema");
}

TEST_F(SqliteStoreTest, FileThatIsNoDatabaseIsRefusedAndLeftAlone) {
  ASSERT_THAT(store_.open(), IsOk());
  store_.close();
  write_file(store_.settings.database, std::string(8192, 'x'));
  expect_refusal("sqlite");
  EXPECT_EQ(read_file(store_.settings.database), std::string(8192, 'x'));
}

TEST_F(SqliteStoreTest, ManyCallersShareCommits) {
  ASSERT_THAT(store_.open(), IsOk());
  constexpr int kThreads = 16;
  constexpr int kKeys = 50;
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread)
      threads.emplace_back([this, thread] {
        for (int i = 0; i < kKeys; ++i)
          EXPECT_THAT(create(*store_, fmt::format("key{}-{}", thread, i)), IsOk());
      });
  }
  ASSERT_THAT(store_.open(), IsOk());
  EXPECT_THAT(store_->keys_of(id_of("").application), IsOkAndHolds(SizeIs(kThreads * kKeys)));
  StoreHealth health = settled_health(*store_);
  EXPECT_FALSE(health.is_degraded) << health.reason;
}

TEST_F(SqliteStoreTest, HeadCheckKeepsUpWithChanges) {
  ASSERT_THAT(store_.open(), IsOk());
  std::atomic<int> committed = 0;
  for (int i = 0; i < 3000; ++i)
    store_->create(record_of(fmt::format("key{}", i)), [&](Result<>) { ++committed; });
  ASSERT_TRUE(eventually([&] { return committed == 3000; }));
  ASSERT_THAT(store_.open(), IsOk());
  for (int i = 0; i < 3000; i += 7)
    store_->destroy(id_of(fmt::format("key{}", i)), [](auto) {});
  for (int i = 0; i < 300; ++i)
    store_->create(record_of(fmt::format("new{}", i)), [](const auto&) {});
  StoreHealth health = settled_health(*store_);
  EXPECT_FALSE(health.is_checking);
  EXPECT_FALSE(health.is_degraded) << health.reason;
}

TEST(SqliteStoreThreads, AreSaidToBeMissing) {
  StoreInDirectory store;
  {
    const NoMoreThreads none;
    Result<> opened = store.open();
    ASSERT_THAT(opened, FailsWith(Status::KeyInfoManagerError));
    EXPECT_THAT(opened.error().message(), HasSubstr("cannot start a thread"));
  }
  EXPECT_THAT(store.open(), IsOk());
}

}  // namespace
}  // namespace strongroom::testing
