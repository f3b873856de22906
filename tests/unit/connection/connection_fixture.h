// A loop on a thread of its own, with connections made by socketpair(2).
#pragma once

#include <array>
#include <future>
#include <memory>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "service/connection/connection_set.h"
#include "tests/support/eventually.h"
#include "tests/unit/connection/scripted_server.h"
#include "tests/unit/connection/test_client.h"

namespace strongroom::testing {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ConnectionFixture : public ::testing::Test {
 protected:
  static constexpr Holding kPlenty{.connections = 100'000,
                                   .frames = 100'000,
                                   .bytes = std::size_t{1} << 40,
                                   .queued = std::chrono::hours(1)};
  // Deadlines that no test meets unless it wants to.
  static ConnectionSettings patient() {
    return {
        .request_timeout = seconds(20), .write_timeout = seconds(20), .drain_timeout = seconds(20)};
  }

  void serve(ScriptedServer::Script script = ScriptedServer::echo,
             const ConnectionSettings& settings = patient()) {
    server_ = std::make_shared<ScriptedServer>(std::move(script));
    loop_ = std::move(Loop::create()).value();
    connections_ = std::make_unique<ConnectionSet>(*loop_, server_, settings);
    thread_ = std::jthread([this] {
      loop_->run();
      connections_->close_all();
    });
  }
  void TearDown() override { stop(); }

  void stop() {
    if (loop_) loop_->stop();
    if (thread_.joinable()) thread_.join();
  }

  struct Peer {
    uid_t uid = 1000;
    std::shared_ptr<const PeerProcess> process = process_of(::getpid());
    int socket_type = SOCK_STREAM;  // or SOCK_SEQPACKET, to see what is written together
  };
  static std::shared_ptr<const PeerProcess> process_of(pid_t pid) {
    const long pidfd = ::syscall(SYS_pidfd_open, pid, 0);
    return std::make_shared<const PeerProcess>(UniqueFd(static_cast<int>(pidfd)));
  }

  TestClient connect() { return connect(Peer()); }
  TestClient connect(const Peer& peer) {
    std::array<int, 2> pair{};
    EXPECT_EQ(::socketpair(AF_UNIX, peer.socket_type | SOCK_CLOEXEC, 0, pair.data()), 0);
    TestClient client{UniqueFd(pair[1])};
    auto account = account_of(peer.uid);
    std::optional<Charge> seat = account->admit_connection();
    Caller caller{.peer = {.uid = peer.uid, .process = peer.process}, .account = account};
    loop_->post([this, socket = UniqueFd(pair[0]), caller = std::move(caller),
                 seat = std::move(*seat)]() mutable {
      connections_->add(std::move(socket), std::move(caller), std::move(seat));
    });
    return client;
  }
  std::shared_ptr<Account> account_of(uid_t uid) {
    return accounts_->account_of(Principal::user(uid));
  }

  // On the loop's thread.
  template <typename Function>
  auto in_loop(Function function) {
    std::packaged_task<std::invoke_result_t<Function>()> task(std::move(function));
    auto result = task.get_future();
    loop_->post([&task] { task(); });
    return result.get();
  }
  std::size_t open_connections() {
    return in_loop([this] { return connections_->size(); });
  }
  bool closes_within(milliseconds time) {
    return eventually([this] { return open_connections() == 0; }, time);
  }

  std::shared_ptr<Accounts> accounts_ =
      Accounts::create({.per_principal = kPlenty, .in_total = kPlenty});
  std::shared_ptr<ScriptedServer> server_;
  std::unique_ptr<Loop> loop_;
  std::unique_ptr<ConnectionSet> connections_;
  std::jthread thread_;
};

}  // namespace strongroom::testing
