// Requests of one principal that has the loop for itself, more than fit into a turn.
#include "tests/unit/connection/kept_connection_fixture.h"

namespace strongroom {
namespace {

using testing::eventually;
using testing::joined;
using testing::kept_frame;
using testing::ScriptedServer;
using testing::seconds;
using testing::TestClient;

// Uses up a principal's slice of a turn with five requests.
class SlicingServer final : public RequestServer {
 public:
  Result<std::optional<RequestHeader>> admit(ByteView arrived) const override {
    return decode_request_header(arrived);
  }
  void serve(Request request, const Caller& caller, Slice& slice, std::stop_token /*gone*/,
             Respond respond) const override {
    std::ignore = slice.take(*caller.account, Slice::kPerTurn / 5);
    order_.push_back(request.header.session);
    if (on_request) on_request(request.header.session);
    respond(ScriptedServer::response_to(request));
  }
  Response refuse(const Error& /*error*/, const Caller& /*caller*/) const override { return {}; }

  // Both on the loop's thread.
  std::function<void(std::uint64_t session)> on_request;
  // The sessions of the requests so far.
  const std::vector<std::uint64_t>& order() const { return order_; }

 private:
  mutable std::vector<std::uint64_t> order_;
};

class OfOneSlice : public testing::KeptConnection {
 protected:
  void SetUp() override {
    serve();
    in_loop([&] { connections_->use(slicing_, patient()); });
  }
  // How many requests were served before the last of this session.
  std::ptrdiff_t served_before_last(std::uint64_t session) {
    return in_loop([&] {
      const auto& order = slicing_->order();
      const auto last = std::find(order.rbegin(), order.rend(), session);
      return order.rend() - last - 1;
    });
  }

  const std::shared_ptr<SlicingServer> slicing_ = std::make_shared<SlicingServer>();
};

TEST_F(OfOneSlice, AConnectionWithAllItsRequestsAtHandIsNotLastEachTime) {
  // More than is read ahead: their sockets stay readable.
  Bytes long_pipeline;
  for (int i = 0; i < 200; ++i)
    long_pipeline = joined({long_pipeline, kept_frame(std::string(300, 'b'), 1)});
  Bytes short_pipeline;
  for (int i = 0; i < 8; ++i)
    short_pipeline = joined({short_pipeline, kept_frame("", 2)});
  std::vector<TestClient> greedy;
  for (int i = 0; i < 8; ++i)
    greedy.push_back(connect());
  TestClient modest = connect();
  in_loop([&] {
    for (TestClient& client : greedy)
      client.send(long_pipeline);
    modest.send(short_pipeline);
  });
  for (int i = 0; i < 8; ++i)
    ASSERT_EQ(testing::next(modest), "2:");
  EXPECT_LT(served_before_last(2), 300);
}

// Its answers wait for those of the requests behind them, these for the slice of the next turn; in
// this one, others of the principal are served, and it goes.
TEST_F(OfOneSlice, APeerMayGoWhileAnswersAndRequestsWait) {
  for (int round = 0; round < 20; ++round) {
    TestClient waiting = connect();
    std::vector<TestClient> others;
    for (int i = 0; i < 5; ++i)
      others.push_back(connect());
    int served_of_others = 0;
    in_loop([&] {
      slicing_->on_request = [&](std::uint64_t session) {
        if (session == 1) {
          for (TestClient& other : others)
            other.send(kept_frame("", 2));
        } else if (++served_of_others == 5) {
          waiting.hang_up();
        }
      };
      waiting.send(joined({kept_frame("", 1), kept_frame("", 1), kept_frame("", 1)}));
    });
    EXPECT_TRUE(eventually([&] { return open_connections() == 5; }));
    in_loop([&] { slicing_->on_request = nullptr; });
    others.clear();
    EXPECT_TRUE(closes_within(seconds(5)));
  }
}

}  // namespace
}  // namespace strongroom
