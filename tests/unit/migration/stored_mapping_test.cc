// Both stores of mappings are read as the service has left them; what is no mapping is told, and
// the rest is read.
#include "service/migration/stored_mapping.h"

#include <filesystem>
#include <fstream>
#include <sqlite3.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace strongroom::parsec {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::FailsWith;
using testing::from_hex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

const std::string kDatabase = PARSEC_SAMPLE "/mappings/kim.sqlite3";
const std::string kDirectory = PARSEC_SAMPLE "/mappings/on-disk";
constexpr std::uint8_t kUnix = 3;

std::vector<std::string> names_in(const StoredMappings& mappings) {
  std::vector<std::string> names;
  for (const StoredMapping& each : mappings.keys)
    names.push_back(each.application + "/" + each.key_name);
  return names;
}

RawMappings raw(KeyInfoManager::Kind kind, const std::string& path) {
  auto read = read_raw_mappings({"", kind, path});
  EXPECT_THAT(read, IsOk());
  return *std::move(read);
}

// A copy of the sample's database, with something done to it.
class Altered {
 public:
  explicit Altered(const char* statements) {
    fs::copy_file(kDatabase, path_);
    sqlite3* database = nullptr;
    EXPECT_EQ(::sqlite3_open(path_.c_str(), &database), SQLITE_OK);
    char* message = nullptr;
    EXPECT_EQ(::sqlite3_exec(database, statements, nullptr, nullptr, &message), SQLITE_OK)
        << message;
    ::sqlite3_close(database);
  }
  Result<StoredMappings> read() const {
    return parse_database(raw(KeyInfoManager::Kind::Sqlite, path_));
  }

 private:
  testing::TemporaryDirectory directory_;
  const std::string path_ = directory_ / "kim.sqlite3";
};

TEST(StoredRows, OfTheServiceAreRead) {
  const auto found = parse_database(raw(KeyInfoManager::Kind::Sqlite, kDatabase));
  ASSERT_THAT(found, IsOk());
  EXPECT_THAT(found->problems, IsEmpty());
  EXPECT_THAT(names_in(*found),
              ElementsAre("64001/soft-ecc", "64001/soft-rsa", "64001/token-ecc", "64001/token-rsa",
                          "64001/token-decrypt", "64001/a key/with:strange \u00e4\u00f6\u00fc name",
                          "64001/public"));
  const StoredMapping& token = found->keys[2];
  EXPECT_EQ(token.authenticator, kUnix);
  EXPECT_EQ(token.provider, ProviderId::Pkcs11);
  EXPECT_EQ(token.provider_name, "tokens");
  EXPECT_THAT(token.key_id, SizeIs(4));
  EXPECT_FALSE(found->tpm_root);
}

TEST(StoredRows, WithAnotherVersionOrTypeAreToldAndTheOthersRead) {
  const auto found = Altered(
                         "UPDATE key_mapping SET key_id_version = 2 WHERE key_name = 'public';"
                         "UPDATE key_mapping SET key_attributes = 'text' "
                         "WHERE key_name = 'soft-ecc';"
                         "UPDATE key_mapping SET provider_uuid = '1c1139dc' "
                         "WHERE key_name = 'soft-rsa';"
                         "UPDATE key_mapping SET authenticator_id = 77 "
                         "WHERE key_name = 'token-ecc';"
                         "UPDATE key_mapping SET application_name = CAST(x'ff' AS TEXT) "
                         "WHERE key_name = 'token-rsa';"
                         "UPDATE key_mapping SET key_id = zeroblob(70000) "
                         "WHERE key_name = 'token-decrypt'")
                         .read();
  ASSERT_THAT(found, IsOk());
  EXPECT_THAT(found->keys, SizeIs(1));
  EXPECT_THAT(found->problems,
              ElementsAre(HasSubstr("key_attributes"), HasSubstr("provider_uuid"),
                          HasSubstr("authenticator_id"), HasSubstr("application_name"),
                          HasSubstr("key_id"), HasSubstr("of version 2")));
}

TEST(StoredRows, OfAnotherSchemaAreRefused) {
  for (const char* change :
       {"UPDATE kim_metadata SET int_value = 2", "DELETE FROM kim_metadata",
        "DROP TABLE key_mapping", "ALTER TABLE key_mapping RENAME COLUMN key_id TO id",
        "ALTER TABLE key_mapping RENAME TO other; CREATE VIEW key_mapping AS SELECT * FROM other"})
    EXPECT_THAT(Altered(change).read(), FailsWith(Status::PsaErrorDataCorrupt)) << change;
}

TEST(StoredRows, OfNoDatabaseAreRefused) {
  for (std::string_view text : {"no database at all", "SQLite format 3"}) {
    RawMappings mappings{.origin = "/a", .database = bytes_of(text), .files = {}, .problems = {}};
    EXPECT_THAT(parse_database(mappings), FailsWith(Status::PsaErrorDataCorrupt));
  }
  RawMappings cut = raw(KeyInfoManager::Kind::Sqlite, kDatabase);
  cut.database.resize(cut.database.size() / 2);
  EXPECT_THAT(parse_database(cut), FailsWith(Status::PsaErrorDataCorrupt));
}

TEST(StoredRows, OfAnEmptyFileAreNone) {
  testing::TemporaryDirectory directory;
  std::ofstream(directory / "kim.sqlite3").close();
  const auto found = parse_database(raw(KeyInfoManager::Kind::Sqlite, directory / "kim.sqlite3"));
  ASSERT_THAT(found, IsOk());
  EXPECT_THAT(found->keys, IsEmpty());
}

TEST(StoredRows, TheTpmsRootIsTheServicesOwn) {
  const auto found = Altered(
                         "INSERT INTO key_mapping VALUES (255, 'parsec', 'RootKeyTPM', "
                         "'1e4954a4-ff21-46d3-ab0c-661eeb667e1d', 'tpm-provider', x'0b', 1, "
                         "x'01', 1)")
                         .read();
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->tpm_root, from_hex("0b"));
  EXPECT_THAT(found->keys, SizeIs(7));
}

TEST(StoredRows, WithAJournalBesideThemAreNotRead) {
  testing::TemporaryDirectory directory;
  const std::string path = directory / "kim.sqlite3";
  fs::copy_file(kDatabase, path);
  std::ofstream(path + "-journal") << "hot";
  EXPECT_THAT(read_raw_mappings({"", KeyInfoManager::Kind::Sqlite, path}),
              FailsWith(Status::PsaErrorStorageFailure));
}

TEST(StoredFiles, OfTheServiceAreRead) {
  const StoredMappings found = parse_files(raw(KeyInfoManager::Kind::OnDisk, kDirectory), kUnix);
  EXPECT_THAT(found.problems, IsEmpty());
  EXPECT_THAT(names_in(found), UnorderedElementsAre("64001/tpm-ecc", "64001/tpm-rsa",
                                                    "64001/tpm-decrypt", "64002/tpm-ecc"));
  EXPECT_EQ(found.keys[0].provider, ProviderId::Tpm);
  EXPECT_EQ(found.keys[0].authenticator, kUnix);
  ASSERT_TRUE(found.tpm_root);
  EXPECT_THAT(*found.tpm_root, SizeIs(42));
}

TEST(StoredFiles, ThatAreNoMappingsAreTold) {
  RawMappings mappings{.origin = "/m", .database = {}, .files = {}, .problems = {"unreadable"}};
  const Bytes good = from_hex("01000000000000000a0102");
  mappings.files = {
      {{"NjQwMDE=", "2", "YSBr"}, good},
      {{"64001", "2", "YSBr"}, good},
      {{"NjQwMDE=", "02", "YSBr"}, good},
      {{"NjQwMDE=", "9", "YSBr"}, good},
      {{"NjQwMDE=", "2", "a key"}, good},
      {{"NjQwMDE=", "2"}, good},
      {{"NjQwMDE=", "2", "YSBr", "x"}, good},
      {{"NjQwMDE=", "2", "YSBr"}, from_hex("05000000")},
      {{"parsec"}, good},
  };
  const StoredMappings found = parse_files(mappings, kUnix);
  ASSERT_THAT(found.keys, SizeIs(1));
  EXPECT_EQ(found.keys[0].key_name, "a k");
  EXPECT_EQ(found.keys[0].key_id, from_hex("0a"));
  EXPECT_EQ(found.keys[0].attributes, from_hex("0102"));
  EXPECT_THAT(found.problems, SizeIs(9));
  EXPECT_THAT(found.problems, Contains("unreadable"));
}

TEST(StoredMappings, ThatAreNotWhereTheyShouldBeAreNoEmptyOnes) {
  testing::TemporaryDirectory directory;
  for (KeyInfoManager::Kind kind : {KeyInfoManager::Kind::OnDisk, KeyInfoManager::Kind::Sqlite}) {
    const auto read = read_raw_mappings({"", kind, directory / "nowhere"});
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message(), HasSubstr("nowhere': No such file or directory"));
  }
}

TEST(StoredFiles, AreReadThroughNoLinkAndAtNoLength) {
  testing::TemporaryDirectory directory;
  const std::string application = directory / "NjQwMDE=";
  fs::create_directories(application + "/2");
  fs::create_symlink("/etc/passwd", application + "/2/YSBr");
  fs::create_directory_symlink("/etc", application + "/3");
  std::ofstream(application + "/2/cnNhLTI=") << std::string(70'000, 'x');
  ASSERT_EQ(::mkfifo((application + "/2/cGlwZQ==").c_str(), 0600), 0);
  const auto read = read_raw_mappings({"", KeyInfoManager::Kind::OnDisk, directory / ""});
  ASSERT_THAT(read, IsOk());
  EXPECT_THAT(read->files, IsEmpty());
  EXPECT_THAT(read->problems, SizeIs(4));
}

}  // namespace
}  // namespace strongroom::parsec
