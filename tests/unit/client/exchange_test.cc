#include "client/exchange.h"

#include <chrono>
#include <future>
#include <sys/socket.h>
#include <thread>

#include "protocol/frame.h"
#include "tests/unit/client/client_matchers.h"

namespace strongroom::client {
namespace {

using namespace std::chrono_literals;
using testing::FailsFrom;
using testing::IsOk;

constexpr std::uint32_t kMaxAnswer = 1024;

// The other end of the connection is the test's.
class Exchange : public ::testing::Test {
 protected:
  Exchange() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) std::abort();
    client_ = UniqueFd(ends[0]);
    service_ = UniqueFd(ends[1]);
  }

  void send(ByteView bytes) const {
    ASSERT_EQ(::send(service_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }

  static ResponseHeader good_header() {
    return {.provider = 1, .opcode = std::to_underlying(Opcode::PsaSignHash)};
  }

  // What the client makes of these bytes and the end of the stream behind them.
  ClientResult<SecretBytes> answered_with(ByteView bytes) {
    send(bytes);
    ::shutdown(service_.get(), SHUT_WR);
    return ask(200ms);
  }
  ClientResult<SecretBytes> answered_with(const ResponseHeader& header,
                                          std::string_view body = "") {
    HeaderBytes encoded = encode(header);
    Bytes bytes(encoded.begin(), encoded.end());
    bytes.insert(bytes.end(), view_of(body).begin(), view_of(body).end());
    return answered_with(bytes);
  }
  ClientResult<SecretBytes> ask(std::chrono::milliseconds timeout,
                                ByteView body = view_of("body")) {
    Connection connection = Connection::over(std::move(client_), Deadline::in(timeout));
    Question question{.opcode = Opcode::PsaSignHash,
                      .provider = ProviderId::Software,
                      .auth_type = AuthType::Direct,
                      .auth = view_of("app"),
                      .body = body};
    return exchange(connection, question, kMaxAnswer);
  }

  UniqueFd client_;
  UniqueFd service_;
};

TEST_F(Exchange, RequestIsHeaderBodyAndAuthentication) {
  ASSERT_THAT(answered_with(good_header()), IsOk());
  Bytes frame(kHeaderSize + 7);
  ASSERT_EQ(::recv(service_.get(), frame.data(), frame.size(), MSG_WAITALL),
            static_cast<ssize_t>(frame.size()));
  Result<std::optional<RequestHeader>> header = decode_request_header(frame);
  ASSERT_THAT(header, IsOk());
  EXPECT_EQ(*header, (RequestHeader{.provider = 1,
                                    .auth_type = 1,
                                    .body_size = 4,
                                    .auth_size = 3,
                                    .opcode = std::to_underlying(Opcode::PsaSignHash)}));
  EXPECT_EQ(text_of(ByteView(frame).subspan(kHeaderSize)), "bodyapp");
}

TEST_F(Exchange, BodyOfTheAnswerIsReturned) {
  ResponseHeader header = good_header();
  header.body_size = 5;
  ClientResult<SecretBytes> body = answered_with(header, "12345");
  ASSERT_THAT(body, IsOk());
  EXPECT_EQ(text_of(*body), "12345");
}

TEST_F(Exchange, EndOfStreamBeforeAnyAnswerIsALostConnection) {
  EXPECT_THAT(answered_with(ByteView()),
              FailsFrom(ErrorSource::Connection, Status::ConnectionError));
}

TEST_F(Exchange, HeaderCutShortIsALostConnection) {
  HeaderBytes header = encode(good_header());
  EXPECT_THAT(answered_with(ByteView(header).first(kHeaderSize - 1)),
              FailsFrom(ErrorSource::Connection, Status::ConnectionError));
}

TEST_F(Exchange, BodyCutShortIsALostConnection) {
  ResponseHeader header = good_header();
  header.body_size = 100;
  EXPECT_THAT(answered_with(header, "only this"),
              FailsFrom(ErrorSource::Connection, Status::ConnectionError));
}

TEST_F(Exchange, WrongMagicNumberIsNoAnswer) {
  HeaderBytes header = encode(good_header());
  header[0] = std::byte{0x48};
  EXPECT_THAT(answered_with(header), FailsFrom(ErrorSource::Answer, Status::InvalidHeader));
}

TEST_F(Exchange, LargestAllowedBodyIsReadAndOneByteMoreIsNot) {
  ResponseHeader header = good_header();
  header.body_size = kMaxAnswer;
  EXPECT_THAT(answered_with(header, std::string(kMaxAnswer, 'x')), IsOk());
}

TEST_F(Exchange, HugeAnnouncedBodyIsRefusedWithoutWaitingForIt) {
  ResponseHeader header = good_header();
  header.body_size = kMaxAnswer + 1;
  EXPECT_THAT(answered_with(header), FailsFrom(ErrorSource::Answer, Status::ResponseTooLarge));
}

TEST_F(Exchange, AnswerToAnotherOperationIsNoAnswer) {
  ResponseHeader header = good_header();
  header.opcode = std::to_underlying(Opcode::PsaVerifyHash);
  EXPECT_THAT(answered_with(header), FailsFrom(ErrorSource::Answer, Status::InvalidHeader));
}

TEST_F(Exchange, RefusalOfAnotherOperationIsNoAnswer) {
  ResponseHeader header = good_header();
  header.opcode = std::to_underlying(Opcode::PsaVerifyHash);
  header.status = std::to_underlying(Status::PsaErrorDoesNotExist);
  EXPECT_THAT(answered_with(header), FailsFrom(ErrorSource::Answer, Status::InvalidHeader));
}

TEST_F(Exchange, AnswerOfAnotherProviderIsNoAnswer) {
  ResponseHeader header = good_header();
  header.provider = 3;
  EXPECT_THAT(answered_with(header), FailsFrom(ErrorSource::Answer, Status::InvalidHeader));
}

TEST_F(Exchange, SuccessWithABlankHeaderIsNoAnswer) {
  EXPECT_THAT(answered_with(ResponseHeader()),
              FailsFrom(ErrorSource::Answer, Status::InvalidHeader));
}

TEST_F(Exchange, RefusalWithABlankHeaderIsTheServicesWord) {
  ResponseHeader blank{.status = std::to_underlying(Status::BodySizeExceedsLimit)};
  EXPECT_THAT(answered_with(blank), FailsFrom(ErrorSource::Service, Status::BodySizeExceedsLimit));
}

TEST_F(Exchange, StatusOfTheServiceIsPassedOn) {
  ResponseHeader header = good_header();
  header.status = std::to_underlying(Status::ConnectionError);
  EXPECT_THAT(answered_with(header), FailsFrom(ErrorSource::Service, Status::ConnectionError));
}

TEST_F(Exchange, StatusThatNoServiceHasIsNoAnswer) {
  ResponseHeader header = good_header();
  header.status = 999;
  EXPECT_THAT(answered_with(header), FailsFrom(ErrorSource::Answer, Status::InvalidEncoding));
}

TEST_F(Exchange, SilentServiceTimesOut) {
  EXPECT_THAT(ask(20ms), FailsFrom(ErrorSource::Connection, Status::ConnectionError));
}

TEST_F(Exchange, DeadlineCountsForTheWholeAnswer) {
  HeaderBytes header = encode(good_header());
  std::jthread drip([&, fd = service_.get()](const std::stop_token& stop) {
    for (std::size_t i = 0; i < header.size() && !stop.stop_requested(); ++i) {
      ::send(fd, &header[i], 1, MSG_NOSIGNAL);
      std::this_thread::sleep_for(10ms);
    }
  });
  EXPECT_THAT(ask(100ms), FailsFrom(ErrorSource::Connection, Status::ConnectionError));
}

TEST_F(Exchange, ServiceThatDoesNotReadTimesOut) {
  Bytes body(4 * 1024 * 1024);
  EXPECT_THAT(ask(50ms, body), FailsFrom(ErrorSource::Connection, Status::ConnectionError));
}

TEST_F(Exchange, RefusalSentBeforeTheRequestWasReadIsStillHeard) {
  Bytes body(4 * 1024 * 1024);
  HeaderBytes refusal =
      encode(ResponseHeader{.status = std::to_underlying(Status::BodySizeExceedsLimit)});
  send(refusal);
  ::shutdown(service_.get(), SHUT_RDWR);
  EXPECT_THAT(ask(200ms, body), FailsFrom(ErrorSource::Service, Status::BodySizeExceedsLimit));
}

TEST_F(Exchange, EndOfStreamWhileSendingIsALostConnection) {
  service_.reset();
  EXPECT_THAT(ask(200ms), FailsFrom(ErrorSource::Connection, Status::ConnectionError));
}

// Whatever one byte of the header says, the call ends.
class ChangedByte : public Exchange, public ::testing::WithParamInterface<std::size_t> {};

TEST_P(ChangedByte, EndsInAValueOrAnError) {
  HeaderBytes header = encode(good_header());
  header.at(GetParam()) ^= std::byte{0xff};
  ClientResult<SecretBytes> answer = answered_with(header);
  EXPECT_TRUE(answer || answer.error().status() != Status::Success);
}

INSTANTIATE_TEST_SUITE_P(Header, ChangedByte, ::testing::Range<std::size_t>(0, kHeaderSize));

}  // namespace
}  // namespace strongroom::client
