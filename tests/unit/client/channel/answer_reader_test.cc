#include "client/channel/answer_reader.h"

#include <algorithm>
#include <vector>

#include "tests/unit/client/client_matchers.h"

namespace strongroom::client {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using testing::FailsFrom;
using testing::IsOk;
using ::testing::SizeIs;

constexpr std::uint32_t kMaxAnswer = 1000;
using Body = AnswerReader::Body;

Bytes frame(std::string_view body, std::uint64_t session = 7) {
  const HeaderBytes header = encode(ResponseHeader{
      .provider = 1, .session = session, .body_size = static_cast<std::uint32_t>(body.size())});
  Bytes bytes(header.begin(), header.end());
  bytes.insert(bytes.end(), view_of(body).begin(), view_of(body).end());
  return bytes;
}

// What is read of a stream that comes in pieces of this size; ends at an error.
struct Reading {
  std::vector<std::string> bodies;
  std::vector<Body> states;
  bool has_failed = false;
};
Reading read(ByteView stream, std::size_t piece) {
  AnswerReader reader(kMaxAnswer);
  Reading reading;
  while (!stream.empty() && !reading.has_failed) {
    ByteView bytes = stream.first(std::min(piece, stream.size()));
    stream = stream.subspan(bytes.size());
    while (!bytes.empty() && !reading.has_failed) {
      auto answer = reader.read(bytes);
      reading.has_failed = !answer;
      if (!answer || !*answer) continue;
      reading.bodies.emplace_back(text_of((*answer)->body));
      reading.states.push_back((*answer)->state);
    }
  }
  return reading;
}

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts)
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

class PiecesOf : public ::testing::TestWithParam<std::size_t> {};

TEST_P(PiecesOf, AnySizeGiveTheSameAnswers) {
  Reading reading = read(joined({frame("one"), frame(""), frame("three")}), GetParam());
  EXPECT_THAT(reading.bodies, ElementsAre("one", "", "three"));
  EXPECT_THAT(reading.states, Each(Body::Whole));
  EXPECT_FALSE(reading.has_failed);
}

TEST_P(PiecesOf, AnySizePassOverWhatIsTooLarge) {
  Reading reading =
      read(joined({frame(std::string(kMaxAnswer + 1, 'x')), frame("next")}), GetParam());
  EXPECT_THAT(reading.bodies, ElementsAre("", "next"));
  EXPECT_THAT(reading.states, ElementsAre(Body::TooLarge, Body::Whole));
}

TEST_P(PiecesOf, AnySizeHoldTheLargestThatIsAllowed) {
  Reading reading = read(frame(std::string(kMaxAnswer, 'x')), GetParam());
  EXPECT_THAT(reading.bodies, ElementsAre(SizeIs(kMaxAnswer)));
}

INSTANTIATE_TEST_SUITE_P(Bytes, PiecesOf, ::testing::Values(1, 2, 35, 36, 37, 38, 100, 100'000));

TEST(AnswerReader, HugeAnnouncementIsToldWithoutWaitingForIt) {
  HeaderBytes header = encode(ResponseHeader{.body_size = 0xffffffff});
  AnswerReader reader(kMaxAnswer);
  ByteView bytes = header;
  auto answer = reader.read(bytes);
  ASSERT_THAT(answer, IsOk());
  ASSERT_TRUE(answer->has_value());
  EXPECT_EQ((*answer)->state, Body::TooLarge);
}

TEST(AnswerReader, WrongMagicNumberEndsTheStream) {
  Bytes bytes = frame("body");
  bytes[0] = std::byte{0x48};
  AnswerReader reader(kMaxAnswer);
  ByteView view = bytes;
  EXPECT_THAT(reader.read(view), FailsFrom(ErrorSource::Answer, Status::InvalidHeader));
}

TEST(AnswerReader, ContentThatIsNotProtobufEndsTheStream) {
  HeaderBytes header = encode(ResponseHeader{.content_type = 1});
  AnswerReader reader(kMaxAnswer);
  ByteView view = header;
  EXPECT_THAT(reader.read(view), FailsFrom(ErrorSource::Answer, Status::ContentTypeNotSupported));
}

}  // namespace
}  // namespace strongroom::client
