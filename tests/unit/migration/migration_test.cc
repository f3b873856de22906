// Every key is moved, already there, or kept back with the reason.
#include "service/migration/migration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/matchers.h"

namespace strongroom::parsec {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::Field;
using testing::from_hex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::SizeIs;
using Outcome = Line::Outcome;

constexpr const char* kRsa =
    "010000000900000000080000000000000000000000010101010005000000000000000000000006000000";

auto line(Outcome outcome, const std::string& text) {
  return AllOf(Field(&Line::outcome, outcome), Field(&Line::text, HasSubstr(text)));
}

class MigrationTest : public ::testing::Test {
 protected:
  static StoredMapping mapping(std::string application = "1000", std::string name = "web") {
    StoredMapping result;
    result.authenticator = 3;
    result.application = std::move(application);
    result.key_name = std::move(name);
    result.provider = ProviderId::Pkcs11;
    result.provider_name = "pkcs11-provider";
    result.attributes = from_hex(kRsa);
    return result;
  }
  static Migration::Plan plan() {
    return {.configuration = {.authenticator = 3,
                              .key_managers = {{"rows", KeyInfoManager::Kind::Sqlite, "/db"}},
                              .providers = {{ProviderId::Pkcs11, "pkcs11-provider", "rows", ""},
                                            {ProviderId::CryptoAuthLib, "chip", "rows", ""}}},
            .targets = {{ProviderId::Pkcs11, {.uuid = {}, .instance = "token"}}}};
  }
  Result<NewKey> take(const MovableKey& key) {
    ++taken_;
    if (refusal_) return std::unexpected(*refusal_);
    NewKey made;
    made.attributes = key.attributes;
    made.public_key = {std::byte{1}};
    return made;
  }
  std::unique_ptr<Migration> migration(Migration::Plan with = plan()) {
    return std::make_unique<Migration>(std::move(with),
                                       [this](const MovableKey& key) { return take(key); });
  }
  static void gather(Migration& migration, std::vector<StoredMapping> keys) {
    migration.gather({"rows", KeyInfoManager::Kind::Sqlite, "/db"},
                     {.keys = std::move(keys), .tpm_root = {}, .problems = {}});
  }
  // The only line of one key.
  Line line_of(StoredMapping key, Migration::Plan with = plan()) {
    auto moving = migration(std::move(with));
    gather(*moving, {std::move(key)});
    return moving->lines().at(0);
  }
  static Result<KeyRecordPtr> find_nothing(const KeyId& /*id*/) { return nullptr; }

  int taken_ = 0;
  std::optional<Error> refusal_;
};

TEST_F(MigrationTest, AKeyKeepsItsOwnerNameAndAttributes) {
  auto moving = migration();
  gather(*moving, {mapping()});
  ASSERT_THAT(moving->compare(find_nothing), IsOk());
  const auto records = moving->take_new_records();
  ASSERT_THAT(records, SizeIs(1));
  EXPECT_EQ(records[0].id.application, (ApplicationId{3, "1000"}));
  EXPECT_EQ(records[0].id.provider.instance, "token");
  EXPECT_EQ(records[0].id.name, "web");
  EXPECT_EQ(to_string(records[0].attributes.algorithm), "rsa-pkcs1v15-sha256");
  EXPECT_THAT(moving->lines(), ElementsAre(line(Outcome::Moved,
                                                "'web' of uid 1000, Pkcs11, to "
                                                "provider 'token'")));
  EXPECT_THAT(moving->take_new_records(), IsEmpty());
}

TEST_F(MigrationTest, TheSameKeyIsThereAlreadyAndAnotherOneStays) {
  for (std::byte other : {std::byte{1}, std::byte{2}}) {
    auto moving = migration();
    gather(*moving, {mapping()});
    ASSERT_THAT(moving->compare([&](const KeyId& id) -> Result<KeyRecordPtr> {
      auto record = std::make_shared<KeyRecord>();
      record->id = id;
      record->attributes.type.kind = psa::KeyType::Kind::RsaKeyPair;
      record->attributes.bits = 2048;
      record->public_key = {other};
      return record;
    }),
                IsOk());
    EXPECT_THAT(moving->take_new_records(), IsEmpty());
    const bool is_same = other == std::byte{1};
    EXPECT_THAT(moving->lines(),
                ElementsAre(is_same ? line(Outcome::AlreadyThere, "'web'")
                                    : line(Outcome::KeptBack, "which is another one")));
  }
}

TEST_F(MigrationTest, ANameThatNobodyCanReadStays) {
  auto moving = migration();
  gather(*moving, {mapping()});
  ASSERT_THAT(moving->compare([](const KeyId&) -> Result<KeyRecordPtr> {
    return fail(Status::PsaErrorDataCorrupt, "damaged");
  }),
              IsOk());
  EXPECT_THAT(moving->lines(), ElementsAre(line(Outcome::KeptBack, "there already")));
}

TEST_F(MigrationTest, AStoreThatFailsEndsIt) {
  auto moving = migration();
  gather(*moving, {mapping()});
  EXPECT_THAT(moving->compare([](const KeyId&) -> Result<KeyRecordPtr> {
    return fail(Status::KeyInfoManagerError, "no disk");
  }),
              FailsWith(Status::KeyInfoManagerError));
}

TEST_F(MigrationTest, WhatTheDeviceRefusesIsKeptBackWithItsWords) {
  refusal_ = Error(Status::PsaErrorDoesNotExist, "the token has no such key");
  auto moving = migration();
  gather(*moving, {mapping(), mapping("1001")});
  EXPECT_THAT(moving->lines(), ElementsAre(line(Outcome::KeptBack, "the token has no such key"),
                                           line(Outcome::KeptBack, "uid 1001")));
}

TEST_F(MigrationTest, TwoKeysOfOneNameInOneProviderAreNotBothMoved) {
  auto two = plan();
  two.configuration.providers.push_back({ProviderId::Pkcs11, "other", "rows", ""});
  StoredMapping second = mapping();
  second.provider_name = "other";
  auto moving = migration(std::move(two));
  gather(*moving, {mapping(), std::move(second)});
  EXPECT_THAT(moving->lines(), ElementsAre(line(Outcome::Moved, "web"),
                                           line(Outcome::KeptBack, "another key of that name")));
}

TEST_F(MigrationTest, OwnersThatAreNotServedAreNamed) {
  EXPECT_THAT(line_of(mapping("01000")), line(Outcome::KeptBack, "no uid"));
  EXPECT_THAT(line_of(mapping("")), line(Outcome::KeptBack, "no uid"));
  EXPECT_THAT(line_of(mapping("4294967296")), line(Outcome::KeptBack, "no uid"));
  StoredMapping svid = mapping();
  svid.authenticator = 4;
  EXPECT_THAT(line_of(std::move(svid)), line(Outcome::KeptBack, "are not served"));
  StoredMapping direct = mapping("parsec-tool");
  direct.authenticator = 1;
  EXPECT_THAT(line_of(std::move(direct)), line(Outcome::Moved, "application 'parsec-tool'"));
  StoredMapping nobody = mapping("");
  nobody.authenticator = 1;
  EXPECT_THAT(line_of(std::move(nobody)), line(Outcome::KeptBack, "no name"));
}

TEST_F(MigrationTest, NamesThatRequestsMayNotHaveAreNamed) {
  EXPECT_THAT(line_of(mapping("1", "")), line(Outcome::KeptBack, "without a name"));
  EXPECT_THAT(line_of(mapping("1", std::string(1025, 'x'))), line(Outcome::KeptBack, "1025 bytes"));
  EXPECT_THAT(line_of(mapping("1", std::string("a\0b", 3))), line(Outcome::KeptBack, "a NUL"));
}

TEST_F(MigrationTest, ProvidersThatAreNotThereAreNamed) {
  StoredMapping renamed = mapping();
  renamed.provider_name = "former";
  EXPECT_THAT(line_of(std::move(renamed)), line(Outcome::KeptBack, "no provider 'former'"));
  auto without = plan();
  without.targets.clear();
  EXPECT_THAT(line_of(mapping(), std::move(without)),
              line(Outcome::KeptBack, "no provider of that type is configured here"));
  StoredMapping chip = mapping();
  chip.provider = ProviderId::CryptoAuthLib;
  chip.provider_name = "chip";
  EXPECT_THAT(line_of(std::move(chip)), line(Outcome::KeptBack, "in a chip"));
}

TEST_F(MigrationTest, OfSeveralProvidersTheKindAloneTellsNothing) {
  StoredMapping of_a_file = mapping();
  of_a_file.provider_name.clear();
  EXPECT_THAT(line_of(of_a_file), line(Outcome::Moved, "web"));
  auto two = plan();
  two.configuration.providers.push_back({ProviderId::Pkcs11, "other", "rows", ""});
  EXPECT_THAT(line_of(of_a_file, std::move(two)), line(Outcome::KeptBack, "several providers"));
}

TEST_F(MigrationTest, DevicesAreNotAskedForKeysThatHaveNoPlace) {
  StoredMapping broken = mapping();
  broken.attributes.pop_back();
  EXPECT_THAT(line_of(std::move(broken)), line(Outcome::KeptBack, "attributes"));
  EXPECT_EQ(taken_, 0);
}

TEST_F(MigrationTest, WhatIsNoMappingIsTold) {
  auto moving = migration();
  moving->gather({"rows", KeyInfoManager::Kind::Sqlite, "/db"},
                 {.keys = {}, .tpm_root = {}, .problems = {"row 3 is none"}});
  EXPECT_THAT(moving->lines(), ElementsAre(line(Outcome::KeptBack, "row 3 is none")));
}

}  // namespace
}  // namespace strongroom::parsec
