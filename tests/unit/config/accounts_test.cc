#include "config/accounts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace strongroom::config {
namespace {

using ::testing::Eq;
using ::testing::Optional;

TEST(SystemAccounts, KnowTheSuperuser) {
  EXPECT_THAT(system_accounts().uid_of("root"), Optional(Eq(0U)));
  EXPECT_THAT(system_accounts().gid_of("root"), Optional(Eq(0U)));
}

TEST(SystemAccounts, TakeANumberForItself) {
  EXPECT_THAT(system_accounts().uid_of("64001"), Optional(Eq(64001U)));
  EXPECT_THAT(system_accounts().gid_of("4294967294"), Optional(Eq(4294967294U)));
}

TEST(SystemAccounts, KnowNobodyElse) {
  for (const char* name : {"", "no-such-account", "-1", "4294967295", "4294967296", "1x", " 1"}) {
    EXPECT_EQ(system_accounts().uid_of(name), std::nullopt) << name;
    EXPECT_EQ(system_accounts().gid_of(name), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace strongroom::config
