#include "service/connection/room_waiters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace strongroom {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Waiter final : RoomWaiter {
  explicit Waiter(std::vector<int>& order, int number) : woken(order), name(number) {}
  void on_room() override { woken.push_back(name); }
  std::vector<int>& woken;
  int name;
};

class RoomWaitersTest : public ::testing::Test {
 protected:
  void read_mail() {
    for (Mailbox::Task& task : mailbox_->collect().tasks)
      task();
  }
  std::size_t unread_mail() { return mailbox_->collect().tasks.size(); }

  std::shared_ptr<Mailbox> mailbox_ = std::move(Mailbox::create()).value();
  std::shared_ptr<Accounts> accounts_ =
      Accounts::create({.per_principal = {.frames = 1, .bytes = 1, .queued = Cost(1)},
                        .in_total = {.frames = 9, .bytes = 9, .queued = Cost(9)}});
  std::shared_ptr<Account> account_ = accounts_->account_of(Principal::user(1));
  Charge full_ = account_->charge({.frames = 1});
  std::vector<int> woken_;
  std::optional<RoomWaiters> waiters_{std::in_place, mailbox_};
};

TEST_F(RoomWaitersTest, AFewAreWokenAtATimeInTheirOrder) {
  std::vector<Waiter> all;
  for (int i = 0; i < 6; ++i)
    all.emplace_back(woken_, i);
  for (Waiter& waiter : all)
    waiters_->add(account_, waiter);
  read_mail();
  EXPECT_THAT(woken_, IsEmpty());
  full_.release();
  read_mail();
  EXPECT_THAT(woken_, ElementsAre(0, 1, 2, 3));
  read_mail();
  EXPECT_THAT(woken_, ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_EQ(unread_mail(), 0U);
}

TEST_F(RoomWaitersTest, HoweverManyComeAndGoOneWaitsInTheAccount) {
  for (int i = 0; i < 100; ++i) {
    Waiter waiter(woken_, i);
    waiters_->add(account_, waiter);
    waiters_->remove(*account_, waiter);
  }
  full_.release();
  EXPECT_EQ(unread_mail(), 1U);
  EXPECT_THAT(woken_, IsEmpty());
}

TEST_F(RoomWaitersTest, OneThatCameAfterAllOthersLeftIsWoken) {
  Waiter gone(woken_, 1);
  Waiter late(woken_, 2);
  waiters_->add(account_, gone);
  waiters_->remove(*account_, gone);
  full_.release();
  read_mail();
  full_ = account_->charge({.frames = 1});
  waiters_->add(account_, late);
  full_.release();
  read_mail();
  EXPECT_THAT(woken_, ElementsAre(2));
}

TEST_F(RoomWaitersTest, MailThatComesLateFindsNobody) {
  Waiter waiter(woken_, 1);
  waiters_->add(account_, waiter);
  waiters_.reset();
  full_.release();
  read_mail();
  EXPECT_THAT(woken_, IsEmpty());
}

}  // namespace
}  // namespace strongroom
