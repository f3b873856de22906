// A client that sends frames and other bytes in any pieces, reads when it likes and leaves when it
// likes; a service that answers at once, later, or never. Nothing is answered twice, the connection
// ends, and nothing stays charged.

#include <array>
#include <cstdlib>
#include <map>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

#include "service/connection/connection_set.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/unit/connection/scripted_server.h"

namespace strongroom {
namespace {

using testing::FuzzInput;
using testing::ScriptedServer;

void require(bool claim) {
  if (!claim) std::abort();
}

// The client's end of the connection. Does not wait.
class Client {
 public:
  explicit Client(UniqueFd socket) : socket_(std::move(socket)) {}

  void add_frame(FuzzInput& input) {
    RequestHeader header;
    header.flags = input.one_in(8) ? 0 : kFlagKeep;
    header.session = ++frames_ * 4 + input.below(4);
    header.body_size = static_cast<std::uint32_t>(input.one_in(16) ? 70'000 : input.below(600));
    header.auth_size = static_cast<std::uint16_t>(input.below(20));
    const std::size_t size = std::size_t{header.body_size} + header.auth_size;
    unanswered_[header.session] = size;
    const HeaderBytes encoded = encode(header);
    unsent_.insert(unsent_.end(), encoded.begin(), encoded.end());
    unsent_.resize(unsent_.size() + size);
  }
  // After which nobody knows what is a frame.
  void add_garbage(const std::string& bytes) {
    unsent_.insert(unsent_.end(), view_of(bytes).begin(), view_of(bytes).end());
    is_orderly_ = is_orderly_ && bytes.empty();
  }
  void send(std::size_t most) {
    const ssize_t sent = ::send(socket_.get(), unsent_.data(), std::min(most, unsent_.size()),
                                MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) unsent_.erase(unsent_.begin(), unsent_.begin() + sent);
    if (sent < 0 && errno != EAGAIN) unsent_.clear();  // nobody reads any more
  }
  void receive(std::size_t most) {
    std::vector<std::byte> buffer(most);
    const ssize_t size = ::recv(socket_.get(), buffer.data(), most, MSG_DONTWAIT);
    if (size > 0) received_.insert(received_.end(), buffer.begin(), buffer.begin() + size);
    while (take_response()) {
    }
  }
  bool has_sent_all() const { return unsent_.empty(); }
  void end_sending() { ::shutdown(socket_.get(), SHUT_WR); }
  void hang_up() { socket_.reset(); }

 private:
  bool take_response() {
    if (received_.size() < kHeaderSize) return false;
    const auto header = decode_response_header(ByteView(received_).first<kHeaderSize>());
    require(header.has_value());
    const std::size_t size = kHeaderSize + header->body_size;
    if (received_.size() < size) return false;
    received_.erase(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(size));
    if (header->status != 0)
      require(!std::exchange(was_refused_, true));
    else if (is_orderly_)
      require(unanswered_.extract(header->session).mapped() == header->body_size);
    return true;
  }

  UniqueFd socket_;
  Bytes unsent_;
  Bytes received_;
  std::uint64_t frames_ = 0;
  std::map<std::uint64_t, std::size_t> unanswered_;  // session to size of the answer
  bool is_orderly_ = true;
  bool was_refused_ = false;
};

// One connection, driven by tasks that post themselves until it is gone.
class Play {
 public:
  explicit Play(FuzzInput input)
      : input_(input), loop_(std::move(Loop::create()).value()), server_(make_server()) {
    connections_.emplace(*loop_, server_, kNarrow);
    std::array<int, 2> pair{};
    require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) == 0);
    client_.emplace(UniqueFd(pair[1]));
    auto account = accounts_->account_of(Principal::user(1000));
    std::optional<Charge> seat = account->admit_connection();
    connections_->add(UniqueFd(pair[0]),
                      {.peer = {.uid = 1000, .process = this_process()}, .account = account},
                      std::move(*seat));
  }

  void run() {
    loop_->post([this] { act(); });
    loop_->run();
    connections_.reset();
    held_.clear();
    const Holding left = accounts_->held();
    require(left.connections == 0 && left.frames == 0 && left.bytes == 0);
  }

 private:
  static constexpr int kMostActs = 100'000;
  static constexpr Holding kLittle{
      .connections = 1, .frames = 6, .bytes = 50'000, .queued = Cost(1)};
  static constexpr ConnectionSettings kNarrow{.max_in_flight = 4, .unsent_limit = 3000};
  struct Held {
    Request request;
    Respond respond;
  };

  static std::shared_ptr<const PeerProcess> this_process() {
    static const auto process = std::make_shared<const PeerProcess>(
        UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0))));
    return process;
  }
  std::shared_ptr<const ScriptedServer> make_server() {
    return std::make_shared<const ScriptedServer>(
        [this](Request request, const std::stop_token&, Respond respond) {
          if (request.header.session % 4 == 0)
            held_.push_back({std::move(request), std::move(respond)});
          else
            respond(ScriptedServer::response_to(request));
        });
  }

  void act() {
    require(++acts_ < kMostActs);
    if (input_.is_empty())
      come_to_an_end();
    else
      choose();
    if (connections_->size() == 0) return loop_->stop();
    loop_->post([this] { act(); });
  }
  void choose() {
    switch (input_.below(8)) {
      case 0:
      case 1: return client_->add_frame(input_);
      case 2: return client_->send(1 + input_.below(200));
      case 3: return client_->send(100'000);
      case 4: return client_->receive(1 + input_.below(1000));
      case 5: return end_one(input_.below(16));
      case 6: return in_the_way();
      default: return;  // the connection has a turn
    }
  }
  void in_the_way() {
    if (input_.one_in(4)) return client_->add_garbage(input_.text(input_.below(40)));
    if (input_.one_in(8)) return client_->hang_up();
    if (input_.one_in(8)) return client_->end_sending();
    if (input_.one_in(8)) return connections_->wind_down_those([](const Caller&) { return true; });
  }
  void end_one(std::size_t choice) {
    if (held_.empty()) return;
    const auto chosen = held_.begin() + static_cast<std::ptrdiff_t>(choice % held_.size());
    if (choice != 15) chosen->respond(ScriptedServer::response_to(chosen->request));
    held_.erase(chosen);
  }
  void come_to_an_end() {
    end_one(0);
    client_->send(100'000);
    client_->receive(100'000);
    if (client_->has_sent_all()) client_->end_sending();
  }

  FuzzInput input_;
  std::shared_ptr<Accounts> accounts_ =
      Accounts::create({.per_principal = kLittle, .in_total = kLittle});
  std::vector<Held> held_;
  const std::unique_ptr<Loop> loop_;
  const std::shared_ptr<const ScriptedServer> server_;
  std::optional<ConnectionSet> connections_;
  std::optional<Client> client_;
  int acts_ = 0;
};

}  // namespace
}  // namespace strongroom

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  strongroom::Play(strongroom::testing::FuzzInput(data, std::min<std::size_t>(size, 4096))).run();
  return 0;
}
