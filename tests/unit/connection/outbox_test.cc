#include "service/connection/outbox.h"

#include <array>
#include <sys/socket.h>

#include <gtest/gtest.h>

#include "base/unique_fd.h"
#include "tests/unit/connection/test_client.h"

namespace strongroom {
namespace {

using testing::TestClient;

class OutboxTest : public ::testing::Test {
 protected:
  explicit OutboxTest(int type = SOCK_STREAM) {
    std::array<int, 2> pair{};
    EXPECT_EQ(::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair.data()), 0);
    socket_ = UniqueFd(pair[0]);
    client_.emplace(UniqueFd(pair[1]));
  }
  void push(std::uint64_t session, std::size_t size) {
    Response response{.header = {.session = session},
                      .body = Bytes(size, static_cast<std::byte>(session))};
    outbox_.push(OwnedResponse(std::move(response)), account_->charge({.frames = 1, .bytes = 7}));
  }
  Outbox::Progress send() { return outbox_.send_to(socket_.get()); }

  std::shared_ptr<Accounts> accounts_ = Accounts::create({});
  std::shared_ptr<Account> account_ = accounts_->account_of(Principal::user(1000));
  UniqueFd socket_;
  std::optional<TestClient> client_;
  Outbox outbox_{*account_};
};

class OutboxOfRecords : public OutboxTest {
 protected:
  OutboxOfRecords() : OutboxTest(SOCK_SEQPACKET) {}
};

TEST_F(OutboxOfRecords, ManyResponsesAreOneWrite) {
  for (std::uint64_t session = 1; session <= 20; ++session)
    push(session, session % 3);
  EXPECT_EQ(outbox_.unsent(), 20 * kHeaderSize + 21);
  EXPECT_EQ(send(), Outbox::Progress::AllSent);
  EXPECT_EQ(client_->receive_some().bytes.size(), 20 * kHeaderSize + 21);
  EXPECT_TRUE(outbox_.is_empty());
  EXPECT_EQ(accounts_->held().frames, 0U);
}

TEST_F(OutboxTest, EveryResponseArrivesWholeWhereverTheSocketStops) {
  constexpr std::uint64_t kResponses = 200;
  for (std::uint64_t session = 1; session <= kResponses; ++session)
    push(session, session * 97 % 20'011);
  Outbox::Progress progress = Outbox::Progress::Blocked;
  for (std::uint64_t session = 1; session <= kResponses; ++session) {
    if (progress == Outbox::Progress::Blocked) progress = send();
    std::optional<Response> response = client_->receive_response();
    ASSERT_TRUE(response) << session;
    ASSERT_EQ(response->header.session, session);
    ASSERT_EQ(response->body, Bytes(session * 97 % 20'011, static_cast<std::byte>(session)));
  }
  EXPECT_EQ(progress, Outbox::Progress::AllSent);
  EXPECT_TRUE(outbox_.is_empty());
}

TEST_F(OutboxTest, WhatTheSocketDoesNotTakeIsChargedInsteadOfTheRequest) {
  push(1, 1'000'000);
  push(2, 1'000'000);
  EXPECT_EQ(accounts_->held().bytes, 14U);
  ASSERT_EQ(send(), Outbox::Progress::Blocked);
  EXPECT_EQ(accounts_->held().bytes, 2 * (1'000'000 + kHeaderSize));
  EXPECT_EQ(accounts_->held().frames, 2U);
  while (accounts_->held().frames == 2) {
    ASSERT_FALSE(client_->receive_some().bytes.empty());
    send();
  }
  EXPECT_EQ(accounts_->held().bytes, 1'000'000 + kHeaderSize);
  outbox_.clear();
  EXPECT_EQ(accounts_->held().bytes, 0U);
  EXPECT_EQ(outbox_.unsent(), 0U);
}

TEST_F(OutboxTest, WhatComesBehindWhatTheSocketDoesNotTakeIsChargedAtOnce) {
  push(1, 1'000'000);
  ASSERT_EQ(send(), Outbox::Progress::Blocked);
  push(2, 1'000'000);
  EXPECT_EQ(accounts_->held().bytes, 2 * (1'000'000 + kHeaderSize));
  EXPECT_EQ(accounts_->held().unsent, 2 * (1'000'000 + kHeaderSize));
  outbox_.clear();
  EXPECT_EQ(accounts_->held().unsent, 0U);
  push(3, 1'000'000);
  EXPECT_EQ(accounts_->held().bytes, 7U);
}

TEST_F(OutboxTest, ItTellsThatThePeerHasGone) {
  push(1, 10);
  client_->hang_up();
  EXPECT_EQ(send(), Outbox::Progress::PeerGone);
}

}  // namespace
}  // namespace strongroom
