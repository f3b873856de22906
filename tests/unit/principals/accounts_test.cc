#include "service/principals/accounts.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "service/principals/slice.h"

namespace strongroom {
namespace {

constexpr Holding kPlenty{.connections = 100, .frames = 100, .bytes = 1000, .queued = Cost(1000)};

Holding connections(std::size_t count) {
  Holding holding = kPlenty;
  holding.connections = count;
  return holding;
}

std::shared_ptr<Account> account_in(const std::shared_ptr<Accounts>& accounts, uid_t uid) {
  return accounts->account_of(Principal::user(uid));
}

TEST(Accounts, APrincipalHasOneAccountWhileSomebodyRefersToIt) {
  const auto accounts = Accounts::create({});
  auto first = account_in(accounts, 1);
  EXPECT_EQ(first, account_in(accounts, 1));
  EXPECT_NE(first, account_in(accounts, 2));
  EXPECT_EQ(accounts->principals(), 1U);
  first.reset();
  EXPECT_EQ(accounts->principals(), 0U);
}

TEST(Accounts, ATenantIsNobodyElse) {
  const auto accounts = Accounts::create({});
  const auto tenant = accounts->account_of(Principal::tenant("web"));
  EXPECT_NE(tenant, accounts->account_of(Principal::tenant("mail")));
  EXPECT_NE(tenant, account_in(accounts, 0));
  EXPECT_EQ(tenant->principal().to_string(), "tenant:web");
  EXPECT_EQ(account_in(accounts, 7)->principal().to_string(), "uid:7");
}

TEST(Accounts, ConnectionsAreRefusedToAPrincipalAtItsLimitAndToNoOther) {
  const auto accounts =
      Accounts::create({.per_principal = connections(2), .in_total = connections(10)});
  const auto mine = account_in(accounts, 1);
  const auto first = mine->admit_connection();
  const auto second = mine->admit_connection();
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(mine->admit_connection());
  EXPECT_TRUE(account_in(accounts, 2)->admit_connection());
  EXPECT_EQ(accounts->refused_connections(), 1U);
}

TEST(Accounts, ConnectionsAreRefusedToEveryoneAtTheTotal) {
  const auto accounts =
      Accounts::create({.per_principal = connections(2), .in_total = connections(3)});
  std::vector<Charge> seats;
  for (const uid_t uid : {1U, 2U, 3U})
    seats.push_back(account_in(accounts, uid)->admit_connection().value());
  EXPECT_FALSE(account_in(accounts, 4)->admit_connection());
  seats.pop_back();
  EXPECT_TRUE(account_in(accounts, 4)->admit_connection());
}

TEST(Accounts, AChargeIsGivenBackOnceHoweverOftenItMoves) {
  const auto accounts = Accounts::create({});
  {
    Charge first = account_in(accounts, 1)->charge({.frames = 1, .bytes = 15});
    Charge second = std::move(first);
    Charge third;
    third = std::move(second);
    EXPECT_EQ(accounts->held().bytes, 15U);
    EXPECT_EQ(accounts->held().frames, 1U);
  }
  EXPECT_EQ(accounts->held().bytes, 0U);
  EXPECT_EQ(accounts->held().frames, 0U);
}

class Room : public ::testing::TestWithParam<Holding> {};

TEST_P(Room, EndsAtThePrincipalsLimitForThatPrincipalOnly) {
  const auto accounts = Accounts::create(
      {.per_principal = {.connections = 1, .frames = 2, .bytes = 2, .queued = Cost(2)},
       .in_total = kPlenty});
  const auto mine = account_in(accounts, 1);
  const Charge one = mine->charge(GetParam());
  EXPECT_TRUE(mine->has_room());
  Charge another = mine->charge(GetParam());
  EXPECT_FALSE(mine->has_room());
  EXPECT_TRUE(account_in(accounts, 2)->has_room());
  another.release();
  EXPECT_TRUE(mine->has_room());
}

TEST_P(Room, EndsAtTheTotalForEverybody) {
  const auto accounts = Accounts::create(
      {.per_principal = kPlenty,
       .in_total = {.connections = 1, .frames = 2, .bytes = 2, .queued = Cost(2)}});
  const Charge one = account_in(accounts, 1)->charge(GetParam());
  const Charge another = account_in(accounts, 2)->charge(GetParam());
  EXPECT_FALSE(account_in(accounts, 3)->has_room());
}

INSTANTIATE_TEST_SUITE_P(Accounts, Room,
                         ::testing::Values(Holding{.frames = 1}, Holding{.bytes = 1},
                                           Holding{.queued = Cost(1)}));

class Waiting : public ::testing::Test {
 protected:
  static constexpr Accounts::Limits kOneFrame{
      .per_principal = {.connections = 1, .frames = 1, .bytes = 9, .queued = Cost(9)},
      .in_total = kPlenty};

  void wait(const std::shared_ptr<Account>& account, std::string name) {
    account->when_room(mailbox_, [this, name = std::move(name)] { woken_ += name; });
  }
  const std::string& woken() {
    for (Mailbox::Task& task : mailbox_->collect().tasks)
      task();
    return woken_;
  }

  std::shared_ptr<Accounts> accounts_ = Accounts::create(kOneFrame);
  std::shared_ptr<Mailbox> mailbox_ = std::move(Mailbox::create()).value();
  std::string woken_;
};

TEST_F(Waiting, EndsAtOnceWhereThereIsRoom) {
  wait(account_in(accounts_, 1), "a");
  EXPECT_EQ(woken(), "a");
}

TEST_F(Waiting, EndsOnceForEachWhenTheAccountHasRoomAgain) {
  const auto mine = account_in(accounts_, 1);
  const auto other = account_in(accounts_, 2);
  Charge held = mine->charge({.frames = 1});
  const Charge held_by_other = other->charge({.frames = 1});
  wait(mine, "a");
  wait(other, "x");
  wait(mine, "b");
  EXPECT_EQ(woken(), "");
  held.release();
  EXPECT_EQ(woken(), "ab");
  mine->charge({.frames = 1}).release();
  EXPECT_EQ(woken(), "ab");
}

TEST_F(Waiting, EndsWhenTheLimitIsRaised) {
  const auto mine = account_in(accounts_, 1);
  const Charge held = mine->charge({.frames = 1});
  wait(mine, "a");
  accounts_->limit({.per_principal = kPlenty, .in_total = kPlenty});
  EXPECT_EQ(woken(), "a");
}

TEST_F(Waiting, KeepsItsAccountAlive) {
  auto mine = account_in(accounts_, 1);
  Charge held = mine->charge({.frames = 1});
  wait(mine, "a");
  mine.reset();
  held.release();
  EXPECT_EQ(woken(), "a");
  EXPECT_EQ(accounts_->principals(), 0U);
}

TEST(Slice, IsSharedByTurnsAmongPrincipals) {
  const auto accounts = Accounts::create({});
  const auto mine = account_in(accounts, 1);
  const auto other = account_in(accounts, 2);
  Slice slice;
  EXPECT_TRUE(slice.take(*mine, Slice::kPerTurn - Cost(50)));
  EXPECT_FALSE(slice.take(*mine, Cost(51)));
  EXPECT_TRUE(slice.take(*mine, Cost(50)));
  EXPECT_TRUE(slice.take(*other, Cost(100)));
  slice.renew();
  EXPECT_TRUE(slice.take(*mine, Cost(100)));
}

TEST(Slice, IsNoLimitToWhoIsAloneButAReasonToWaitForTheNextTurn) {
  const auto accounts = Accounts::create({});
  const auto mine = account_in(accounts, 1);
  Slice slice;
  EXPECT_TRUE(slice.take(*mine, Slice::kPerTurn - Cost(1)));
  EXPECT_FALSE(slice.is_used_up(*mine));
  EXPECT_TRUE(slice.take(*mine, Cost(50)));
  EXPECT_TRUE(slice.is_used_up(*mine));

  const auto other = account_in(accounts, 2);
  EXPECT_FALSE(slice.take(*mine, Cost(1)));
  EXPECT_FALSE(slice.is_used_up(*mine));
  slice.renew();
  EXPECT_TRUE(slice.take(*mine, Cost(1)));
}

}  // namespace
}  // namespace strongroom
