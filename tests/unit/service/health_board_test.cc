#include "service/health_board.h"

#include <gtest/gtest.h>

namespace strongroom {
namespace {

using namespace std::chrono_literals;
using LastReload = ConfigurationHealth::LastReload;

class HealthBoardTest : public ::testing::Test {
 protected:
  Lanes lanes_{{.workers = 1}};
  HealthBoard board_{lanes_, true};
};

TEST_F(HealthBoardTest, TellsSinceWhenTheProcessRuns) {
  const ServiceHealth health = board_.health();
  const auto now = std::chrono::system_clock::now();
  EXPECT_LE(health.started_at, now);
  EXPECT_GT(health.started_at, now - 1min);
  EXPECT_LT(health.uptime, 1min);
  EXPECT_TRUE(health.is_memory_locked);
  EXPECT_EQ(health.lanes.size(), 2U);
}

TEST_F(HealthBoardTest, ARefusedReloadLeavesTheGenerationAsItIs) {
  EXPECT_EQ(board_.health().configuration.generation, 1U);
  EXPECT_EQ(board_.health().configuration.last_reload, LastReload::None);
  board_.reload_applied("one socket added");
  EXPECT_EQ(board_.health().configuration.generation, 2U);
  EXPECT_EQ(board_.health().configuration.last_reload, LastReload::Applied);
  board_.reload_refused("line 3");
  const ConfigurationHealth configuration = board_.health().configuration;
  EXPECT_EQ(configuration.generation, 2U);
  EXPECT_EQ(configuration.last_reload, LastReload::Refused);
  EXPECT_EQ(configuration.last_reload_message, "line 3");
  EXPECT_GT(configuration.last_reload_at, std::chrono::system_clock::now() - 1min);
}

TEST_F(HealthBoardTest, TellsWhatEachSideHolds) {
  EXPECT_EQ(board_.health().applications.principals, 0U);
  Accounts::Limits one_connection;
  one_connection.per_principal.connections = 1;
  const auto applications = Accounts::create(one_connection);
  const auto administrators = Accounts::create({});
  board_.show(applications, administrators);
  const auto account = applications->account_of(Principal::user(1));
  const auto seat = account->admit_connection();
  EXPECT_FALSE(account->admit_connection());
  const ServiceHealth health = board_.health();
  EXPECT_EQ(health.applications.principals, 1U);
  EXPECT_EQ(health.applications.held.connections, 1U);
  EXPECT_EQ(health.applications.refused_connections, 1U);
  EXPECT_EQ(health.administrators.principals, 0U);
}

}  // namespace
}  // namespace strongroom
