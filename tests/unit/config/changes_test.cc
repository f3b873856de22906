#include "config/changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/grammar.h"

namespace strongroom::config {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

TEST(Changes, AreNoneBetweenEquals) {
  EXPECT_EQ(changes_between({}, {}), Changes());
}

TEST(Changes, NameTheirKeysInTheOrderOfTheShippedFile) {
  Settings wanted;
  wanted.log.level = log::Level::Debug;
  wanted.limits.queue_timeout = 1s;
  wanted.limits.connections = 1;
  wanted.service.workers = 7;
  const Changes changes = changes_between({}, wanted);
  EXPECT_THAT(changes.made, ElementsAre("[service] workers", "[limits] queue_timeout",
                                        "[limits] connections", "[log] level"));
  EXPECT_THAT(changes.need_restart, IsEmpty());
}

TEST(Changes, NameSocketsByTheirPaths) {
  Settings running;
  running.sockets = {{.path = "/a"}, {.path = "/b"}, {.path = "/c"}};
  Settings wanted;
  wanted.sockets = {{.path = "/d"}, {.path = "/a", .mode = {0600}, .admin = true}, {.path = "/b"}};
  EXPECT_THAT(changes_between(running, wanted).made,
              ElementsAre("[[socket]] '/d' added", "[[socket]] '/a' mode", "[[socket]] '/a' admin",
                          "[[socket]] '/c' removed"));
}

TEST(Changes, NameProvidersByTheirNames) {
  Settings wanted;
  wanted.providers = {{.name = "other"}};
  EXPECT_THAT(changes_between({}, wanted).made,
              ElementsAre("[[provider]] 'other' added", "[[provider]] 'software' removed"));
}

TEST(Changes, NoticeAnotherOrder) {
  Settings running;
  running.providers = {{.name = "a"}, {.name = "b"}};
  Settings wanted = running;
  std::swap(wanted.providers[0], wanted.providers[1]);
  EXPECT_THAT(changes_between(running, wanted).made, ElementsAre("order of [[provider]]"));
}

TEST(Changes, OfWhatIsReadAtTheStartNeedOne) {
  Settings wanted;
  wanted.service.allow_root = true;
  wanted.service.require_locked_memory = false;
  wanted.service.strict = false;
  wanted.store.path = "/srv/keys.db";
  wanted.store.key_source.path = "/srv/store.key";
  const Changes changes = changes_between({}, wanted);
  EXPECT_THAT(changes.need_restart,
              ElementsAre("[service] allow_root", "[service] require_locked_memory", "[store] path",
                          "[store] key_source"));
  EXPECT_THAT(changes.made, IsSupersetOf(changes.need_restart));
}

TEST(Changes, OfTheMeaningOfANameCount) {
  Settings running;
  running.admin.groups = {{.name = "operators", .id = 500}};
  Settings wanted = running;
  wanted.admin.groups[0].id = 501;
  EXPECT_THAT(changes_between(running, wanted).made, ElementsAre("[admin] groups"));
}

}  // namespace
}  // namespace strongroom::config
