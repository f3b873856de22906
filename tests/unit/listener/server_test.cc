#include "service/listener/server.h"

#include <atomic>
#include <cerrno>
#include <future>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/connection/scripted_server.h"
#include "tests/unit/connection/test_client.h"

namespace strongroom {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::IsOk;
using testing::request_frame;
using testing::ScriptedServer;
using testing::TestClient;
using Clock = std::chrono::steady_clock;

class ServerTest : public ::testing::Test {
 protected:
  static Server::Settings settings() {
    Server::Settings settings;
    settings.loops = 3;
    settings.read_peer = [](int, UnmappedUid) {
      return Result<PeerIdentity>(PeerIdentity{.uid = 1000});
    };
    return settings;
  }

  void serve(const Server::Settings& server_settings,
             ScriptedServer::Script script = ScriptedServer::echo) {
    requests_ = std::make_shared<ScriptedServer>(std::move(script));
    auto sockets =
        ListeningSockets::open({{.path = path_}, {.path = admin_path_, .is_admin = true}}, {});
    ASSERT_THAT(sockets, IsOk());
    sockets_.emplace(*std::move(sockets));
    auto server = Server::create(server_settings, sockets_->in_use(), requests_);
    ASSERT_THAT(server, IsOk());
    server_ = *std::move(server);
    ASSERT_THAT(server_->start(), IsOk());
  }
  // Another configuration, in which the sockets are these.
  void change_to(const std::vector<SocketSettings>& wanted, Server::Change change = {}) {
    auto replacement = sockets_->prepare(wanted);
    ASSERT_THAT(replacement, IsOk());
    sockets_->put_to_use(*std::move(replacement));
    change.sockets = sockets_->in_use();
    if (!change.requests) change.requests = requests_;
    server_->use(change);
  }

  std::string ask(const std::string& path, const std::string& body) {
    TestClient client = TestClient::connected_to(path);
    client.send(request_frame(body));
    return client.receive_to_end().body();
  }
  bool becomes(std::size_t connections) const {
    const Clock::time_point end = Clock::now() + seconds(5);
    while (server_->connections() != connections) {
      if (Clock::now() > end) return false;
      std::this_thread::sleep_for(milliseconds(1));
    }
    return true;
  }

  bool drains_within(milliseconds timeout) {
    sockets_.reset();
    const std::stop_token drained = server_->drain();
    const Clock::time_point end = Clock::now() + timeout;
    while (!drained.stop_requested() && Clock::now() < end)
      std::this_thread::sleep_for(milliseconds(1));
    return drained.stop_requested();
  }

  testing::TemporaryDirectory directory_;
  const std::string path_ = directory_ / "service.sock";
  const std::string admin_path_ = directory_ / "admin.sock";
  std::shared_ptr<ScriptedServer> requests_;
  std::optional<ListeningSockets> sockets_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, ServesManyClientsAtATime) {
  serve(settings());
  std::atomic<int> right = 0;
  std::vector<std::jthread> clients;
  for (int i = 0; i < 200; ++i) {
    clients.emplace_back([&, body = std::to_string(i)] {
      for (int round = 0; round < 5; ++round)
        if (ask(path_, body) == body) ++right;
    });
  }
  clients.clear();
  EXPECT_EQ(right, 1000);
  EXPECT_TRUE(becomes(0));
}

TEST_F(ServerTest, TellsWhichConnectionsCameInAtAnAdministratorsSocket) {
  serve(settings());
  ask(path_, "");
  ask(admin_path_, "");
  ASSERT_EQ(requests_->callers().size(), 2U);
  EXPECT_FALSE(requests_->callers()[0].admin_socket);
  EXPECT_TRUE(requests_->callers()[1].admin_socket);
  EXPECT_EQ(requests_->callers()[0].peer.uid, 1000U);
}

TEST_F(ServerTest, AConnectionWithoutAnIdentityIsClosed) {
  Server::Settings unidentifiable = settings();
  unidentifiable.read_peer = [](int, UnmappedUid) -> Result<PeerIdentity> {
    return fail(Status::AuthenticationError, "peer's uid is the overflow uid");
  };
  serve(unidentifiable);
  EXPECT_EQ(ask(path_, "body"), "");
  EXPECT_TRUE(requests_->callers().empty());
}

TEST_F(ServerTest, ATenantsSocketIsTheTenantsWhoeverConnects) {
  std::atomic<uid_t> uid = 1000;
  Server::Settings tenants = settings();
  tenants.limits.per_principal.connections = 2;
  tenants.read_peer = [&uid](int, UnmappedUid unmapped) -> Result<PeerIdentity> {
    if (unmapped == UnmappedUid::Refused) return fail(Status::AuthenticationError, "no tenant's");
    return PeerIdentity{.uid = uid++};
  };
  requests_ = std::make_shared<ScriptedServer>();
  auto sockets = ListeningSockets::open({{.path = path_, .tenant = "web"}}, {});
  ASSERT_THAT(sockets, IsOk());
  auto server = Server::create(tenants, sockets->in_use(), requests_);
  ASSERT_THAT(server, IsOk());
  server_ = *std::move(server);
  ASSERT_THAT(server_->start(), IsOk());

  EXPECT_EQ(ask(path_, "body"), "body");
  ASSERT_EQ(requests_->callers().size(), 1U);
  EXPECT_EQ(requests_->callers()[0].tenant, "web");
  EXPECT_EQ(requests_->callers()[0].account->principal(), Principal::tenant("web"));
  // The limit is the tenant's, not that of each uid.
  ASSERT_TRUE(becomes(0));
  const TestClient clients[] = {TestClient::connected_to(path_), TestClient::connected_to(path_)};
  ASSERT_TRUE(becomes(2));
  EXPECT_EQ(ask(path_, "body"), "");
}

TEST_F(ServerTest, ConnectionsOverALimitAreClosedAtOnceAndCounted) {
  Server::Settings limited = settings();
  limited.limits.per_principal.connections = 3;
  serve(limited);
  std::vector<TestClient> clients;
  for (int i = 0; i < 3; ++i)
    clients.push_back(TestClient::connected_to(path_));
  ASSERT_TRUE(becomes(3));
  TestClient refused = TestClient::connected_to(path_);
  EXPECT_TRUE(refused.receive_to_end().bytes.empty());
  EXPECT_EQ(server_->refused_connections(), 1U);
  // Administrators have seats of their own.
  EXPECT_EQ(ask(admin_path_, "body"), "body");
  clients.pop_back();
  ASSERT_TRUE(becomes(2));
  EXPECT_EQ(ask(path_, "body"), "body");
}

// While it lives no descriptor can be opened: the lowest free number is the limit.
class NoMoreDescriptors {
 public:
  NoMoreDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    UniqueFd next(::dup(0));
    rlimit lowered{.rlim_cur = static_cast<rlim_t>(next.get()), .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &lowered);
  }
  ~NoMoreDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  NoMoreDescriptors(const NoMoreDescriptors&) = delete;
  NoMoreDescriptors& operator=(const NoMoreDescriptors&) = delete;

 private:
  rlimit before_{};
};

UniqueFd unconnected() {
  return UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}
bool connects(const TestClient& client, const std::string& path) {
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  return ::connect(client.descriptor(), reinterpret_cast<const sockaddr*>(&address),
                   sizeof(address)) == 0;
}

milliseconds cpu_time() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         milliseconds((usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000);
}

TEST_F(ServerTest, WithoutDescriptorsItWaitsInsteadOfSpinning) {
  serve(settings());
  TestClient client(unconnected());
  {
    NoMoreDescriptors exhausted;
    ASSERT_TRUE(connects(client, path_));
    client.send(request_frame("body"));
    const milliseconds before = cpu_time();
    std::this_thread::sleep_for(milliseconds(500));
    EXPECT_LT(cpu_time() - before, milliseconds(200));
    EXPECT_EQ(server_->connections(), 0U);
  }
  EXPECT_EQ(client.receive_to_end().body(), "body");
}

// Each time the connection takes descriptors out of the reserve, and gives them back to it.
TEST_F(ServerTest, WithoutDescriptorsAdministratorsAreServedAgainAndAgain) {
  Server::Settings real = settings();
  real.read_peer = peer_reader();
  serve(real);
  std::vector<TestClient> administrators;
  for (int i = 0; i < 20; ++i)
    administrators.emplace_back(unconnected());
  TestClient ordinary(unconnected());
  {
    const NoMoreDescriptors exhausted;
    ASSERT_TRUE(connects(ordinary, path_));
    ordinary.send(request_frame("body"));
    for (TestClient& client : administrators) {
      ASSERT_TRUE(connects(client, admin_path_));
      client.send(request_frame("body"));
      EXPECT_EQ(client.receive_to_end().body(), "body");
    }
    EXPECT_TRUE(becomes(0)) << "the ordinary one waits";
  }
  EXPECT_EQ(ordinary.receive_to_end().body(), "body");
}

TEST_F(ServerTest, DrainingLetsRequestsFinishAndFreesThePath) {
  std::promise<Respond> held;
  serve(settings(), [&](const Request&, const std::stop_token&, Respond respond) {
    held.set_value(std::move(respond));
  });
  TestClient silent = TestClient::connected_to(path_);
  TestClient served = TestClient::connected_to(path_);
  served.send(request_frame("body"));
  Respond respond = held.get_future().get();
  ASSERT_TRUE(becomes(2));

  auto drained = std::async(std::launch::async, [&] { return drains_within(seconds(20)); });
  EXPECT_TRUE(silent.receive_to_end().bytes.empty());
  EXPECT_EQ(drained.wait_for(milliseconds(50)), std::future_status::timeout);
  respond(Response());
  EXPECT_EQ(served.receive_to_end().status(), Status::Success);
  EXPECT_TRUE(drained.get());
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_FALSE(std::filesystem::exists(admin_path_));
}

TEST_F(ServerTest, DrainingIsBoundedInTimeAndStopCutsOffTheRest) {
  std::promise<std::pair<std::stop_token, Respond>> held;
  serve(settings(), [&](const Request&, std::stop_token gone, Respond respond) {
    held.set_value({std::move(gone), std::move(respond)});
  });
  TestClient client = TestClient::connected_to(path_);
  client.send(request_frame("body"));
  auto [gone, respond] = held.get_future().get();
  EXPECT_FALSE(drains_within(milliseconds(50)));
  EXPECT_FALSE(gone.stop_requested());
  server_->stop();
  EXPECT_TRUE(gone.stop_requested());
  EXPECT_TRUE(client.receive_to_end().bytes.empty());
  server_.reset();
  respond(Response());
}

TEST_F(ServerTest, StopsUnderLoad) {
  serve(settings());
  std::atomic<bool> is_over = false;
  std::vector<std::jthread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      while (!is_over) {
        UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
        path_.copy(address.sun_path, sizeof(address.sun_path) - 1);
        if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) !=
            0)
          return;
        TestClient client(std::move(socket));
        client.send(request_frame("body"));
        client.receive_to_end();
      }
    });
  }
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_TRUE(drains_within(seconds(20)));
  server_->stop();
  is_over = true;
}

TEST_F(ServerTest, AnotherConfigurationServesTheNextRequests) {
  std::promise<Respond> held;
  serve(settings(), [&](const Request&, const std::stop_token&, Respond respond) {
    held.set_value(std::move(respond));
  });
  TestClient begun = TestClient::connected_to(path_);
  begun.send(request_frame("before"));
  Respond respond = held.get_future().get();
  change_to({{.path = path_}, {.path = admin_path_, .is_admin = true}},
            {.requests = std::make_shared<ScriptedServer>()});
  EXPECT_EQ(ask(path_, "after"), "after");
  EXPECT_EQ(ask(admin_path_, "after"), "after");
  respond(Response());
  EXPECT_EQ(begun.receive_to_end().status(), Status::Success);
}

TEST_F(ServerTest, AnotherConfigurationsLimitsAreInForce) {
  serve(settings());
  const TestClient first = TestClient::connected_to(path_);
  ASSERT_TRUE(becomes(1));
  Accounts::Limits one;
  one.per_principal.connections = 1;
  change_to({{.path = path_}}, {.limits = one});
  EXPECT_EQ(ask(path_, "body"), "") << "and who has a seat already keeps it";
  ASSERT_TRUE(becomes(1));
  change_to({{.path = path_}});
  EXPECT_EQ(ask(path_, "body"), "body");
}

TEST_F(ServerTest, ASocketThatGoesAnswersThoseWhoHaveConnected) {
  serve(settings());
  TestClient early = TestClient::connected_to(path_);
  change_to({{.path = admin_path_, .is_admin = true}});
  EXPECT_FALSE(std::filesystem::exists(path_));
  early.send(request_frame("body"));
  EXPECT_EQ(early.receive_to_end().body(), "body");
  EXPECT_EQ(ask(admin_path_, "body"), "body");
}

TEST_F(ServerTest, ConnectionsOfASocketThatGoesAreClosed) {
  serve(settings());
  TestClient silent = TestClient::connected_to(path_);
  const TestClient other = TestClient::connected_to(admin_path_);
  ASSERT_TRUE(becomes(2));
  change_to({{.path = admin_path_, .is_admin = true}});
  EXPECT_TRUE(silent.receive_to_end().bytes.empty());
  EXPECT_TRUE(becomes(1));
}

TEST_F(ServerTest, ASocketThatComesBackIsServedAgain) {
  serve(settings());
  for (int round = 0; round < 3; ++round) {
    change_to({{.path = admin_path_, .is_admin = true}});
    EXPECT_FALSE(std::filesystem::exists(path_));
    change_to({{.path = path_}, {.path = admin_path_, .is_admin = true}});
    EXPECT_EQ(ask(path_, "body"), "body");
  }
}

TEST_F(ServerTest, ASocketThatServesOthersFromNowOnTellsThemApart) {
  serve(settings());
  change_to({{.path = path_, .is_admin = true}});
  ask(path_, "");
  change_to({{.path = path_, .tenant = "web"}});
  ask(path_, "");
  ASSERT_EQ(requests_->callers().size(), 2U);
  EXPECT_TRUE(requests_->callers()[0].admin_socket);
  EXPECT_FALSE(requests_->callers()[1].admin_socket);
  EXPECT_EQ(requests_->callers()[1].tenant, "web");
}

}  // namespace
}  // namespace strongroom
