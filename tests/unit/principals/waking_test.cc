// What is woken where a charge is released, in a destructor, must not need a block that attempt()
// goes without.
#include <algorithm>
#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "base/memory_reserve.h"
#include "service/principals/accounts.h"

namespace {
thread_local std::size_t largest_block = 0;
}  // namespace

void* operator new(std::size_t size) {
  largest_block = std::max(largest_block, size);
  if (void* block = std::malloc(std::max<std::size_t>(size, 1))) return block;
  throw std::bad_alloc();
}
void operator delete(void* block) noexcept {
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept {
  std::free(block);
}

namespace strongroom {
namespace {

TEST(Waking, TakesNoLargeBlockHoweverManyWait) {
  constexpr uid_t kUsers = 2000;
  const std::shared_ptr<Mailbox> mailbox = std::move(Mailbox::create()).value();
  const auto accounts =
      Accounts::create({.in_total = {.frames = 1, .bytes = 1, .queued = Cost(1)}});
  Charge all = accounts->account_of(Principal::user(0))->charge({.frames = 1});
  int woken = 0;
  largest_block = 0;
  for (uid_t user = 1; user <= kUsers; ++user)
    accounts->account_of(Principal::user(user))->when_room(mailbox, [&woken] { ++woken; });
  all.release();
  EXPECT_LT(largest_block, kLargeBlock);
  for (Mailbox::Task& task : mailbox->collect().tasks)
    task();
  EXPECT_EQ(woken, static_cast<int>(kUsers));
}

}  // namespace
}  // namespace strongroom
