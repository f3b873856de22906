#include "service/connection/intake/intake.h"

#include <gtest/gtest.h>

#include "tests/support/matchers.h"
#include "tests/unit/connection/scripted_server.h"
#include "tests/unit/connection/test_client.h"

namespace strongroom {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::joined;
using testing::kept_frame;

class IntakeTest : public ::testing::Test {
 protected:
  Result<> add(ByteView arrived) { return intake_.add(arrived, server_, *account_); }
  Result<> go_on() { return intake_.go_on(server_, *account_); }
  std::string finish() { return std::string(text_of(intake_.finish().request.body)); }

  std::shared_ptr<Accounts> accounts_ = Accounts::create({});
  std::shared_ptr<Account> account_ = accounts_->account_of(Principal::user(1000));
  testing::ScriptedServer server_;
  Intake intake_;
};

TEST_F(IntakeTest, TakesOneRequestAtATimeOfARead) {
  const Bytes third = kept_frame("three");
  ASSERT_THAT(add(joined({kept_frame("one"), kept_frame("two"),
                          copy_of(ByteView(third).first(kHeaderSize + 2))})),
              IsOk());
  ASSERT_TRUE(intake_.is_complete());
  EXPECT_EQ(finish(), "one");
  ASSERT_THAT(go_on(), IsOk());
  ASSERT_TRUE(intake_.is_complete());
  EXPECT_EQ(finish(), "two");
  EXPECT_FALSE(intake_.is_between_requests());
  ASSERT_THAT(go_on(), IsOk());
  EXPECT_FALSE(intake_.is_complete());
  EXPECT_FALSE(intake_.has_leftover());
  EXPECT_EQ(intake_.missing(), 3U);
  ASSERT_THAT(add(ByteView(third).subspan(kHeaderSize + 2)), IsOk());
  EXPECT_EQ(finish(), "three");
  EXPECT_TRUE(intake_.is_between_requests());
}

TEST_F(IntakeTest, ChargesARequestWithItsHeaderForAllThatItAnnounces) {
  const Bytes frame = kept_frame("0123456789");
  ASSERT_THAT(add(ByteView(frame).first(kHeaderSize - 1)), IsOk());
  EXPECT_FALSE(intake_.is_charged());
  EXPECT_EQ(accounts_->held().frames, 0U);
  ASSERT_THAT(add(ByteView(frame).subspan(kHeaderSize - 1, 1)), IsOk());
  EXPECT_TRUE(intake_.is_charged());
  EXPECT_EQ(accounts_->held().frames, 1U);
  EXPECT_EQ(accounts_->held().bytes, frame.size());
  ASSERT_THAT(add(ByteView(frame).subspan(kHeaderSize)), IsOk());
  {
    ArrivedRequest arrived = intake_.finish();
    EXPECT_EQ(accounts_->held().frames, 1U);
  }
  EXPECT_EQ(accounts_->held().frames, 0U);
  EXPECT_EQ(accounts_->held().bytes, 0U);
}

TEST_F(IntakeTest, ChargesWhatIsLeftOver) {
  const Bytes frame = kept_frame("body");
  ASSERT_THAT(add(joined({frame, frame, frame})), IsOk());
  EXPECT_EQ(accounts_->held().bytes, 3 * frame.size());
  intake_.finish();
  EXPECT_EQ(accounts_->held().bytes, 2 * frame.size());
  intake_.clear();
  EXPECT_EQ(accounts_->held().bytes, 0U);
  EXPECT_TRUE(intake_.is_between_requests());
}

TEST_F(IntakeTest, DoesNotChargeWhatIsLeftOverWhileItWaits) {
  const Bytes frame = kept_frame("body");
  ASSERT_THAT(add(joined({frame, frame, frame})), IsOk());
  intake_.finish();
  intake_.wait();
  EXPECT_EQ(accounts_->held().bytes, 0U);
  ASSERT_THAT(go_on(), IsOk());
  EXPECT_EQ(accounts_->held().bytes, 2 * frame.size());
}

TEST_F(IntakeTest, AFailureBehindARequestComesInItsTurn) {
  ASSERT_THAT(add(joined({kept_frame("one"), copy_of(view_of("GET /"))})), IsOk());
  EXPECT_EQ(finish(), "one");
  EXPECT_THAT(go_on(), FailsWith(Status::InvalidHeader));
}

}  // namespace
}  // namespace strongroom
