// Security requirements T1 and T8: one who can write the files, but lacks the store key. The tool
// is sqlite3, the daemon is down meanwhile.
#include <filesystem>

#include "tests/fault/fault_fixture.h"

namespace strongroom::testing {
namespace {

using ::testing::HasSubstr;

struct Tampering {
  const char* name;
  // `old` is the database as it was before the victim's key was destroyed.
  const char* sql;
  enum class Before { Nothing, Destroyed, DestroyedAndMadeAnew } before;
  enum class After { AllReadable, SomeUnreadable } after;
};

constexpr auto kVictim = "CAST('t-00' AS BLOB)";
constexpr auto kOther = "CAST('t-01' AS BLOB)";

class TamperingTest : public FaultTest, public ::testing::WithParamInterface<Tampering> {
 protected:
  void SetUp() override {
    if (place_.run({"sqlite3", "-version"}).exit_code != 0) GTEST_SKIP() << "needs sqlite3";
    make_keys();
    ASSERT_EQ(place_.run({"cp", place_.file("keys.db"), place_.file("old.db")}).exit_code, 0);
  }

  void make_keys() {
    DaemonProcess daemon(place_);
    ASSERT_TRUE(daemon.await_ready());
    for (std::size_t i = 0; i < 6; ++i)
      ASSERT_TRUE(book_.create(book_.name(i)));
    ASSERT_EQ(daemon.stop(), 0);
  }

  void change_victim(Tampering::Before before) {
    if (before == Tampering::Before::Nothing) return;
    DaemonProcess daemon(place_);
    ASSERT_TRUE(daemon.await_ready());
    ASSERT_TRUE(book_.destroy(book_.name(0)));
    if (before == Tampering::Before::DestroyedAndMadeAnew) {
      ASSERT_TRUE(book_.create(book_.name(0)));
    }
    ASSERT_EQ(daemon.stop(), 0);
  }

  void tamper() {
    place_.sql(fmt::format("ATTACH '{}' AS old;", place_.file("old.db")) +
               fmt::format(fmt::runtime(GetParam().sql), fmt::arg("victim", kVictim),
                           fmt::arg("other", kOther)));
    book_.forget(book_.name(0));
    book_.forget(book_.name(1));
  }

  KeyBook book_{place_.socket(), "t", 0};
};

TEST_P(TamperingTest, IsNoticedAndLeavesOtherKeysUsable) {
  change_victim(GetParam().before);
  tamper();
  const Ended found = place_.fsck();
  EXPECT_EQ(found.exit_code, 1);
  EXPECT_THAT(found.output, ::testing::Not(HasSubstr(" 0 findings")));

  DaemonProcess daemon(place_);
  ASSERT_TRUE(daemon.await_ready());
  EXPECT_TRUE(eventually([this] { return place_.log_text().contains("degraded: "); }));
  book_.verify();
  EXPECT_TRUE(book_.create(book_.name(10))) << "new keys can be made all the same";
  EXPECT_TRUE(book_.destroy(book_.name(5)));
  EXPECT_EQ(daemon.stop(), 0);
}

TEST_P(TamperingTest, IsNoMoreComplainedAboutOnceAccepted) {
  change_victim(GetParam().before);
  tamper();
  const Ended accepted = place_.fsck({"--accept"});
  EXPECT_EQ(accepted.exit_code, 0) << accepted.output;
  EXPECT_THAT(accepted.output, HasSubstr("accepted"));

  DaemonProcess daemon(place_);
  ASSERT_TRUE(daemon.await_ready());
  book_.verify();
  EXPECT_EQ(daemon.stop(), 0);
  expect_quiet_log();
  if (GetParam().after == Tampering::After::AllReadable) return expect_clean_fsck();
  const Ended checked = place_.fsck();
  EXPECT_EQ(checked.exit_code, 0) << checked.output;
  EXPECT_THAT(checked.output, ::testing::AllOf(HasSubstr("unreadable: "),
                                               ::testing::Not(HasSubstr("head-differs"))));
}

INSTANTIATE_TEST_SUITE_P(
    Ways, TamperingTest,
    ::testing::Values(
        Tampering{"Edited",
                  "UPDATE key SET sealed = zeroblob(length(sealed)) WHERE name = {victim}",
                  Tampering::Before::Nothing, Tampering::After::SomeUnreadable},
        Tampering{"Inserted",
                  "INSERT INTO key SELECT 9999, authenticator, application, provider_uuid,"
                  " provider_instance, CAST('t-99' AS BLOB), state, 9999, created, owner_name,"
                  " randomblob(32), randomblob(200) FROM key WHERE name = {victim}",
                  Tampering::Before::Nothing, Tampering::After::SomeUnreadable},
        Tampering{"CopiedUnderANewName",
                  "INSERT INTO key SELECT 9999, authenticator, application, provider_uuid,"
                  " provider_instance, CAST('t-99' AS BLOB), state, 9999, created, owner_name,"
                  " salt, sealed FROM key WHERE name = {victim}",
                  Tampering::Before::Nothing, Tampering::After::SomeUnreadable},
        Tampering{"Swapped",
                  "CREATE TEMP TABLE seal AS SELECT name, salt, sealed FROM key;"
                  "UPDATE key SET (salt, sealed) = (SELECT salt, sealed FROM seal WHERE seal.name ="
                  " CASE key.name WHEN {victim} THEN {other} ELSE {victim} END)"
                  " WHERE name IN ({victim}, {other})",
                  Tampering::Before::Nothing, Tampering::After::SomeUnreadable},
        Tampering{"Deleted", "DELETE FROM key WHERE name = {victim}", Tampering::Before::Nothing,
                  Tampering::After::AllReadable},
        Tampering{"PutBack", "INSERT INTO key SELECT * FROM old.key WHERE name = {victim}",
                  Tampering::Before::Destroyed, Tampering::After::AllReadable},
        Tampering{"ReplacedByItsOlderVersion",
                  "DELETE FROM key WHERE name = {victim};"
                  "INSERT INTO key SELECT * FROM old.key WHERE name = {victim}",
                  Tampering::Before::DestroyedAndMadeAnew, Tampering::After::AllReadable}),
    [](const auto& way) { return std::string(way.param.name); });

class LostFileTest : public FaultTest {
 protected:
  void SetUp() override { expect_whole(book_); }

  void move(const std::string& from, const std::string& to) {
    ASSERT_EQ(place_.run({"mv", place_.file(from), place_.file(to)}).exit_code, 0);
  }

  void expect_refusal(const std::string& reason) {
    for (int i = 0; i < 2; ++i) {  // the refusal itself changes nothing
      DaemonProcess daemon(place_);
      EXPECT_FALSE(daemon.await_ready());
      EXPECT_EQ(daemon.await_end(), 1);
      EXPECT_THAT(place_.log_text(), HasSubstr(reason));
    }
  }

  KeyBook book_{place_.socket(), "lost", 0};
};

TEST_F(LostFileTest, MissingKeyFileIsNamedAndNotMadeAnew) {
  move("store.key", "elsewhere");
  expect_refusal(place_.file("store.key"));
  EXPECT_FALSE(std::filesystem::exists(place_.file("store.key")));
  move("elsewhere", "store.key");
  expect_whole(book_);
}

TEST_F(LostFileTest, WrongKeyFileIsNamed) {
  move("store.key", "elsewhere");
  ASSERT_EQ(place_
                .run({"sh", "-c", "umask 077; head -c 32 /dev/urandom > \"$1\"", "sh",
                      place_.file("store.key")})
                .exit_code,
            0);
  expect_refusal(fmt::format("'file:{}' does not open store", place_.file("store.key")));
  move("elsewhere", "store.key");
  expect_whole(book_);
}

TEST_F(LostFileTest, KeyFileWithoutDatabaseNeedsAWord) {
  move("keys.db", "elsewhere");
  expect_refusal("--init");
  EXPECT_FALSE(std::filesystem::exists(place_.file("keys.db")));
  {
    DaemonProcess daemon(place_, {.arguments = {"--init"}});
    ASSERT_TRUE(daemon.await_ready());
    EXPECT_TRUE(listed().empty());
    EXPECT_EQ(daemon.stop(), 0);
  }
  expect_clean_fsck();
}

}  // namespace
}  // namespace strongroom::testing
