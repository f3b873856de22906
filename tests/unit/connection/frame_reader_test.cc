#include "service/connection/intake/frame_reader.h"

#include <gtest/gtest.h>

#include "tests/support/matchers.h"
#include "tests/unit/connection/scripted_server.h"
#include "tests/unit/connection/test_client.h"

namespace strongroom {
namespace {

using testing::FailsWith;
using testing::IsOkAndHolds;
using testing::request_frame;

class FrameReaderTest : public ::testing::Test {
 protected:
  Result<std::size_t> take(ByteView arrived) { return reader_.take(arrived, server_); }

  testing::ScriptedServer server_;
  FrameReader reader_;
};

TEST_F(FrameReaderTest, AnyTwoPiecesMakeTheRequest) {
  const Bytes frame = request_frame("a body", "auth");
  for (std::size_t split = 0; split <= frame.size(); ++split) {
    EXPECT_THAT(take(ByteView(frame).first(split)), IsOkAndHolds(split));
    EXPECT_EQ(reader_.is_complete(), split == frame.size());
    EXPECT_THAT(take(ByteView(frame).subspan(split)), IsOkAndHolds(frame.size() - split));
    ASSERT_TRUE(reader_.is_complete());
    Request request = reader_.finish();
    EXPECT_EQ(text_of(request.body), "a body");
    EXPECT_EQ(text_of(request.auth), "auth");
    EXPECT_FALSE(reader_.has_begun());
  }
}

TEST_F(FrameReaderTest, LeavesWhatFollowsTheRequest) {
  Bytes frame = request_frame("body");
  const std::size_t size = frame.size();
  frame.resize(size + 10);
  EXPECT_THAT(take(frame), IsOkAndHolds(size));
}

TEST_F(FrameReaderTest, ARequestWithoutBodyAndAuthIsCompleteWithItsHeader) {
  EXPECT_THAT(take(request_frame("")), IsOkAndHolds(kHeaderSize));
  EXPECT_TRUE(reader_.is_complete());
}

TEST_F(FrameReaderTest, AWrongMagicNumberFailsWithoutTheRestOfTheHeader) {
  EXPECT_THAT(take(view_of("\x10\xa7")), IsOkAndHolds(2U));
  EXPECT_THAT(take(view_of("XX")), FailsWith(Status::InvalidHeader));
}

TEST_F(FrameReaderTest, ABodyOverTheLimitFailsWithTheHeader) {
  RequestHeader header;
  header.body_size = testing::ScriptedServer::kBodyLimit + 1;
  EXPECT_THAT(take(encode(header)), FailsWith(Status::BodySizeExceedsLimit));
}

}  // namespace
}  // namespace strongroom
