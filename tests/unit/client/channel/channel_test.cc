#include "client/channel/channel.h"

#include <array>
#include <sys/mman.h>
#include <sys/socket.h>

#include "client/guarded.h"
#include "tests/unit/client/client_matchers.h"

namespace strongroom::client {
namespace {

using ::testing::Eq;
using testing::FailsFrom;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::SizeIs;

constexpr std::uint32_t kMaxAnswer = 1024;

// One call, PsaSignHash at provider 1; the other end of the connection is the test's.
class ChannelTest : public ::testing::Test {
 protected:
  ChannelTest() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) std::abort();
    client_ = UniqueFd(ends[0]);
    service_ = UniqueFd(ends[1]);
  }

  void begin(Channel::Manner manner = Channel::Manner::Keep, std::size_t body = 4) {
    channel_.emplace(std::move(client_), manner, kMaxAnswer);
    add_call(9, body);
  }
  void add_call(std::uint64_t id, std::size_t body = 4) {
    Calls calls;
    Call& call = calls.emplace_back(id);
    call.request.opcode = Opcode::PsaSignHash;
    call.request.effect = EncodedRequest::Effect::Changes;
    call.request.frame.resize(kHeaderSize + body + 3, std::byte{'b'});
    call.auth_type = AuthType::Direct;
    call.auth_size = 3;
    call.provider = ProviderId::Software;
    channel_->put(calls, calls.begin());
    channel_->send();
  }

  static ResponseHeader good_header(std::uint64_t session = 9) {
    return {.provider = 1, .session = session, .opcode = std::to_underlying(Opcode::PsaSignHash)};
  }
  void send(ByteView bytes) const {
    ASSERT_EQ(::send(service_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  void send(const ResponseHeader& header, std::string_view body = "") const {
    const HeaderBytes encoded = encode(header);
    send(ByteView(encoded));
    send(view_of(body));
  }
  void hang_up() { service_.reset(); }
  Bytes received(std::size_t most = 10'000'000) const {
    Bytes bytes(most);
    const ssize_t size = ::recv(service_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return bytes;
  }

  void receive() { channel_->receive(ended_, Clock::now()); }
  ClientResult<SecretBytes> result() {
    if (ended_.empty())
      return std::unexpected(ClientError(ErrorSource::Caller, Status::Success, "not ended"));
    return *std::move(ended_.front().result);
  }
  void expect_fault(Status status) {
    receive();
    ASSERT_TRUE(channel_->fault());
    EXPECT_EQ(channel_->fault()->source(), ErrorSource::Answer);
    EXPECT_EQ(channel_->fault()->status(), status);
    EXPECT_THAT(ended_, SizeIs(0));
    EXPECT_FALSE(channel_->takes_calls());
  }

  UniqueFd client_;
  UniqueFd service_;
  std::optional<Channel> channel_;
  Calls ended_;
};

TEST_F(ChannelTest, RequestIsHeaderBodyAndAuthentication) {
  begin();
  Bytes bytes = received();
  ASSERT_THAT(bytes, SizeIs(kHeaderSize + 7));
  Result<std::optional<RequestHeader>> header = decode_request_header(bytes);
  ASSERT_THAT(header, IsOk());
  EXPECT_EQ(*header, (RequestHeader{.flags = kFlagKeep | kFlagExtended,
                                    .provider = 1,
                                    .session = 9,
                                    .auth_type = 1,
                                    .body_size = 4,
                                    .auth_size = 3,
                                    .opcode = std::to_underlying(Opcode::PsaSignHash)}));
  EXPECT_FALSE(channel_->wants_to_send());
}

TEST_F(ChannelTest, RequestThatIsTheOnlyOneHasNeitherFlagNorSession) {
  begin(Channel::Manner::Once);
  Result<std::optional<RequestHeader>> header = decode_request_header(received());
  ASSERT_THAT(header, IsOk());
  EXPECT_EQ((*header)->flags, 0);
  EXPECT_EQ((*header)->session, 0);
}

TEST_F(ChannelTest, AnswersAreMatchedByTheirSession) {
  begin();
  add_call(10);
  send(good_header(10));
  receive();
  ASSERT_THAT(ended_, SizeIs(1));
  EXPECT_EQ(ended_.front().id, 10);
  EXPECT_EQ(channel_->in_flight(), 1);
}

TEST_F(ChannelTest, BodyOfTheAnswerIsReturned) {
  begin();
  ResponseHeader header = good_header();
  header.body_size = 5;
  send(header, "12345");
  receive();
  ClientResult<SecretBytes> body = result();
  ASSERT_THAT(body, IsOk());
  EXPECT_EQ(text_of(*body), "12345");
}

TEST_F(ChannelTest, AnswerCutShortIsALostConnection) {
  begin();
  ResponseHeader header = good_header();
  header.body_size = 100;
  send(header, "only this");
  hang_up();
  receive();
  receive();
  ASSERT_TRUE(channel_->fault());
  EXPECT_EQ(channel_->fault()->source(), ErrorSource::Connection);
  EXPECT_TRUE(channel_->has_calls());
}

TEST_F(ChannelTest, WrongMagicNumberIsNoAnswer) {
  begin();
  HeaderBytes header = encode(good_header());
  header[0] = std::byte{0x48};
  send(ByteView(header));
  expect_fault(Status::InvalidHeader);
}

TEST_F(ChannelTest, AnswerToAnotherOperationIsNoAnswer) {
  begin();
  ResponseHeader header = good_header();
  header.opcode = std::to_underlying(Opcode::PsaVerifyHash);
  send(header);
  expect_fault(Status::InvalidHeader);
}

TEST_F(ChannelTest, RefusalOfAnotherOperationIsNoAnswer) {
  begin();
  ResponseHeader header = good_header();
  header.opcode = std::to_underlying(Opcode::PsaVerifyHash);
  header.status = std::to_underlying(Status::PsaErrorDoesNotExist);
  send(header);
  expect_fault(Status::InvalidHeader);
}

TEST_F(ChannelTest, AnswerOfAnotherProviderIsNoAnswer) {
  begin();
  ResponseHeader header = good_header();
  header.provider = 3;
  send(header);
  expect_fault(Status::InvalidHeader);
}

TEST_F(ChannelTest, AnswerToNobodyIsNoAnswer) {
  begin();
  send(good_header(11));
  expect_fault(Status::InvalidHeader);
}

TEST_F(ChannelTest, SecondAnswerIsNoAnswer) {
  begin();
  add_call(10);
  send(good_header());
  send(good_header());
  receive();
  EXPECT_THAT(ended_, SizeIs(1));
  ASSERT_TRUE(channel_->fault());
}

TEST_F(ChannelTest, SuccessWithABlankHeaderIsNoAnswer) {
  begin();
  send(ResponseHeader());
  expect_fault(Status::InvalidHeader);
}

TEST_F(ChannelTest, RefusalWithABlankHeaderIsTheServicesWord) {
  begin();
  send(ResponseHeader{.status = std::to_underlying(Status::BodySizeExceedsLimit)});
  receive();
  EXPECT_THAT(result(), FailsFrom(ErrorSource::Service, Status::BodySizeExceedsLimit));
  EXPECT_FALSE(channel_->takes_calls()) << "the service reads no further";
}

TEST_F(ChannelTest, BlankRefusalWaitsUntilItIsClearWhoIsMeant) {
  begin();
  add_call(10);
  send(ResponseHeader{.status = std::to_underlying(Status::BodySizeExceedsLimit)});
  receive();
  EXPECT_THAT(ended_, SizeIs(0));
  send(good_header(9));
  receive();
  ASSERT_THAT(ended_, SizeIs(2));
  EXPECT_THAT(*ended_.front().result, IsOk());
  EXPECT_THAT(*ended_.back().result, FailsFrom(ErrorSource::Service, Status::BodySizeExceedsLimit));
}

TEST_F(ChannelTest, BlankRefusalIsOfNobodyWhenSeveralAreLeft) {
  begin();
  add_call(10);
  send(ResponseHeader{.status = std::to_underlying(Status::BodySizeExceedsLimit)});
  hang_up();
  receive();
  receive();
  EXPECT_THAT(ended_, SizeIs(0));
  ASSERT_TRUE(channel_->fault());
  EXPECT_EQ(channel_->fault()->source(), ErrorSource::Connection);
}

TEST_F(ChannelTest, BlankRefusalIsOfWhatWasSent) {
  begin(Channel::Manner::Keep, 4'000'000);  // fills the socket
  add_call(10);
  send(ResponseHeader{.status = std::to_underlying(Status::BodySizeExceedsLimit)});
  receive();
  ASSERT_THAT(ended_, SizeIs(1));
  EXPECT_EQ(ended_.front().id, 9);
}

TEST_F(ChannelTest, NothingFollowsARequestThatWasRefusedHalfway) {
  begin(Channel::Manner::Keep, 4'000'000);
  add_call(10);
  ResponseHeader header = good_header(9);
  header.status = std::to_underlying(Status::BodySizeExceedsLimit);
  send(header);
  receive();
  EXPECT_THAT(result(), FailsFrom(ErrorSource::Service, Status::BodySizeExceedsLimit));
  EXPECT_FALSE(channel_->takes_calls());
  EXPECT_FALSE(channel_->wants_to_send());
  Calls others;
  channel_->take_back_unsent(others, others.end());
  ASSERT_THAT(others, SizeIs(1));
  EXPECT_EQ(others.front().id, 10);
  EXPECT_EQ(channel_->in_flight(), 0);
}

TEST_F(ChannelTest, NothingFollowsARequestThatWasGivenUpAndRefusedHalfway) {
  begin(Channel::Manner::Keep, 4'000'000);
  channel_->calls().front().end(out_of_memory());
  channel_->abandon(channel_->calls().begin(), ended_);
  ResponseHeader header = good_header(9);
  header.status = std::to_underlying(Status::BodySizeExceedsLimit);
  send(header);
  receive();
  EXPECT_FALSE(channel_->takes_calls());
  EXPECT_FALSE(channel_->wants_to_send());
}

TEST_F(ChannelTest, SuccessOfARequestThatIsNotThereYetIsNoAnswer) {
  begin(Channel::Manner::Keep, 4'000'000);
  send(good_header(9));
  expect_fault(Status::InvalidHeader);
}

TEST_F(ChannelTest, AnswerToWhatWasNotSentIsNoAnswer) {
  begin(Channel::Manner::Keep, 4'000'000);
  add_call(10);
  ResponseHeader header = good_header(10);
  header.status = std::to_underlying(Status::PsaErrorDoesNotExist);
  send(header);
  expect_fault(Status::InvalidHeader);
}

TEST_F(ChannelTest, FailureToSendThatIsNotTheServicesEndsTheConnection) {
  client_ = UniqueFd(::memfd_create("no socket", MFD_CLOEXEC));
  begin();
  ASSERT_TRUE(channel_->fault());
  EXPECT_EQ(channel_->fault()->source(), ErrorSource::Connection);
  EXPECT_EQ(channel_->fault()->system_error(), ENOTSOCK);
}

TEST_F(ChannelTest, StatusOfTheServiceIsPassedOn) {
  begin();
  ResponseHeader header = good_header();
  header.status = std::to_underlying(Status::ConnectionError);
  send(header);
  receive();
  EXPECT_THAT(result(), FailsFrom(ErrorSource::Service, Status::ConnectionError));
}

TEST_F(ChannelTest, StatusThatNoServiceHasIsNoAnswerToThatCallAlone) {
  begin();
  ResponseHeader header = good_header();
  header.status = 999;
  send(header);
  receive();
  ClientResult<SecretBytes> answer = result();
  EXPECT_THAT(answer, FailsFrom(ErrorSource::Answer, Status::InvalidEncoding));
  EXPECT_TRUE(answer.error().outcome_is_unknown());
  EXPECT_TRUE(channel_->takes_calls());
}

TEST_F(ChannelTest, RefusalSentBeforeTheRequestWasReadIsStillHeard) {
  send(ResponseHeader{.status = std::to_underlying(Status::BodySizeExceedsLimit)});
  ::shutdown(service_.get(), SHUT_RDWR);
  begin(Channel::Manner::Keep, 4'000'000);
  receive();
  EXPECT_THAT(result(), FailsFrom(ErrorSource::Service, Status::BodySizeExceedsLimit));
}

TEST_F(ChannelTest, NothingIsSentOfACallThatWasGivenUpBefore) {
  begin(Channel::Manner::Keep, 4'000'000);  // fills the socket
  add_call(10);
  auto second = std::next(channel_->calls().begin());
  ASSERT_EQ(second->sent, 0);
  second->end(out_of_memory());
  channel_->abandon(second, ended_);
  EXPECT_EQ(channel_->in_flight(), 1);
  std::size_t size = 0;
  while (channel_->wants_to_send()) {
    size += received().size();
    channel_->send();
  }
  size += received().size();
  EXPECT_EQ(size, kHeaderSize + 4'000'003);
}

TEST_F(ChannelTest, RestOfACallThatWasGivenUpHalfwayIsSentSoThatOthersFollow) {
  begin(Channel::Manner::Keep, 4'000'000);
  auto first = channel_->calls().begin();
  ASSERT_GT(first->sent, 0);
  first->end(out_of_memory());
  channel_->abandon(first, ended_);
  EXPECT_THAT(ended_, SizeIs(1));
  add_call(10);
  Bytes all;
  while (channel_->wants_to_send() || all.size() < 2 * kHeaderSize + 4'000'010) {
    const Bytes part = received();
    all.insert(all.end(), part.begin(), part.end());
    channel_->send();
  }
  ASSERT_THAT(all, SizeIs(2 * kHeaderSize + 4'000'010));
  auto header = decode_request_header(ByteView(all).subspan(kHeaderSize + 4'000'003));
  ASSERT_THAT(header, IsOk());
  EXPECT_EQ((*header)->session, 10);
  send(good_header(9));
  send(good_header(10));
  receive();
  EXPECT_THAT(ended_, SizeIs(2)) << "one was given up, one was answered";
  EXPECT_EQ(channel_->in_flight(), 0);
}

// Whatever one byte of the header says, nothing worse happens than a fault.
class ChangedByte : public ChannelTest, public ::testing::WithParamInterface<std::size_t> {};

TEST_P(ChangedByte, EndsTheCallOrTheChannel) {
  begin();
  HeaderBytes header = encode(good_header());
  header.at(GetParam()) ^= std::byte{0xff};
  send(ByteView(header));
  hang_up();
  receive();
  receive();
  EXPECT_TRUE(channel_->fault());
  EXPECT_EQ(ended_.size() + channel_->calls().size(), 1);
}

INSTANTIATE_TEST_SUITE_P(Header, ChangedByte, ::testing::Range<std::size_t>(0, kHeaderSize));

}  // namespace
}  // namespace strongroom::client
