#include "providers/token_worker/protocol/link.h"

#include <array>
#include <sys/socket.h>
#include <thread>

#include <gtest/gtest.h>

#include "providers/token_worker/protocol/encoding.h"
#include "tests/support/matchers.h"

namespace strongroom::token_worker {
namespace {

using namespace std::chrono_literals;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;

constexpr std::size_t kLimit = 100'000;

class LinkTest : public ::testing::Test {
 protected:
  LinkTest() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    near.emplace(UniqueFd(ends[0]), kLimit);
    far = UniqueFd(ends[1]);
  }
  void write(const Bytes& bytes) const {
    EXPECT_EQ(::send(far.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  }
  static Bytes header(std::uint32_t size, std::uint16_t kind) {
    WipedBytes bytes;
    Writer writer(bytes);
    writer.put(size);
    writer.put(kind);
    return copy_of(bytes.view());
  }
  Result<Link::Received> receive(std::chrono::milliseconds limit = 20s) {
    return near->receive(buffer, Link::Clock::now() + limit);
  }

  std::optional<Link> near;
  UniqueFd far;
  WipedBytes buffer;
};

TEST_F(LinkTest, WhatComesAfterTheDeadlineIsLateHoweverMuchOfItThereIs) {
  write(header(1, 7));
  write(Bytes(1));
  EXPECT_THAT(near->receive(buffer, Link::Clock::now() - 1ms),
              FailsWith(Status::PsaErrorCommunicationFailure));
}

TEST_F(LinkTest, MessagesOfAnyLengthUpToTheLimitArriveAsTheyWere) {
  Link other(std::move(far), kLimit);
  for (std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{5000}, kLimit}) {
    const Bytes content(size, std::byte{0x7e});
    std::jthread sender([&] {
      WipedBytes message;
      Link::begin(message, 7);
      message.append(content);
      EXPECT_THAT(other.send(message, Link::kNever), IsOk());
    });
    auto received = near->receive(buffer, Link::Clock::now() + 10s);
    ASSERT_THAT(received, IsOk());
    EXPECT_EQ(received->kind, 7);
    EXPECT_EQ(copy_of(received->content), content);
  }
}

TEST_F(LinkTest, AMessageThatIsTooLongIsNotSentAndLeavesTheLinkAsItWas) {
  Link::begin(buffer, 1);
  buffer.extend(kLimit + 1);
  EXPECT_THAT(near->send(buffer, Link::kNever), FailsWith(Status::PsaErrorInsufficientMemory));
  std::byte octet{};
  EXPECT_LT(::recv(far.get(), &octet, 1, MSG_DONTWAIT), 0);
}

TEST_F(LinkTest, NothingIsAllocatedForWhatIsAnnouncedTooLong) {
  write(header(0xffffffff, 1));
  EXPECT_THAT(receive(), FailsWith(Status::PsaErrorCommunicationFailure));
  EXPECT_LT(buffer.size(), std::size_t{8192});
}

TEST_F(LinkTest, BytesBehindAMessageFailIt) {
  Bytes message = header(1, 1);
  message.resize(message.size() + 2);
  write(message);
  auto received = receive();
  ASSERT_THAT(received, FailsWith(Status::PsaErrorCommunicationFailure));
  EXPECT_THAT(received.error().message(), HasSubstr("more than a message"));
}

TEST_F(LinkTest, AMessageThatIsCutShortFailsAndIsNoOrderlyEnd) {
  write(header(10, 1));
  far.reset();
  EXPECT_THAT(receive(), FailsWith(Status::PsaErrorCommunicationFailure));
  EXPECT_FALSE(near->has_ended());
}

TEST_F(LinkTest, TheEndBetweenMessagesIsAnOrderlyOne) {
  far.reset();
  EXPECT_THAT(receive(), FailsWith(Status::PsaErrorCommunicationFailure));
  EXPECT_TRUE(near->has_ended());
}

TEST_F(LinkTest, AnAnswerThatDoesNotComeIsWaitedForUntilTheDeadline) {
  const auto begun = Link::Clock::now();
  auto received = receive(50ms);
  ASSERT_THAT(received, FailsWith(Status::PsaErrorCommunicationFailure));
  EXPECT_THAT(received.error().message(), HasSubstr("no answer in time"));
  EXPECT_GE(Link::Clock::now() - begun, 50ms);
}

TEST_F(LinkTest, AReaderThatStopsHoldsUpAWriterUntilTheDeadlineOnly) {
  Link large(UniqueFd(::dup(far.get())), std::size_t{16} * 1024 * 1024);
  Link::begin(buffer, 1);
  buffer.extend(std::size_t{8} * 1024 * 1024);
  EXPECT_THAT(large.send(buffer, Link::Clock::now() + 50ms),
              FailsWith(Status::PsaErrorCommunicationFailure));
}

TEST_F(LinkTest, OnlyOneThatWaitsIsQuiet) {
  EXPECT_TRUE(near->is_quiet());
  write({std::byte{1}});
  EXPECT_FALSE(near->is_quiet());
}

TEST_F(LinkTest, OneThatHasEndedIsNotQuiet) {
  far.reset();
  EXPECT_FALSE(near->is_quiet());
}

}  // namespace
}  // namespace strongroom::token_worker
