// Listening sockets and loop threads around one RequestServer.
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "service/listener/listener.h"
#include "service/listener/listening_sockets.h"
#include "service/listener/loop_thread.h"

namespace strongroom {

// Administrators' sockets have a loop thread, a quota and descriptors of their own, so that they
// answer when the others are overloaded. A connection stays with the loop that accepted it. All
// methods belong to the thread that made the server; responses may come in on any thread, even
// after the server is gone, and are then dropped.
class Server {
 public:
  struct Settings {
    unsigned loops = default_loops();
    ConnectionSettings connection;
    Accounts::Limits limits;
    Accounts::Limits admin_limits{.per_principal = {.connections = 32,
                                                    .frames = 256,
                                                    .bytes = std::size_t{8} * 1024 * 1024,
                                                    .queued = std::chrono::seconds(16)},
                                  .in_total = {.connections = 64,
                                               .frames = 1024,
                                               .bytes = std::size_t{16} * 1024 * 1024,
                                               .queued = std::chrono::seconds(64)}};
    ReadPeer read_peer;  // required
  };
  // As many as there are cores, 8 at most.
  static unsigned default_loops() noexcept;

  // ConnectionError.
  static Result<std::unique_ptr<Server>> create(
      const Settings& settings, const std::vector<ListeningSocketPtr>& sockets,
      const std::shared_ptr<const RequestServer>& requests);
  ~Server() { stop(); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The loop threads inherit the caller's signal mask. ConnectionError.
  Result<> start();

  // After start(): what another configuration says of the same things. In force when this returns,
  // for every request that begins afterwards. Connections whose socket is not among `sockets`
  // finish what is in flight, and close.
  struct Change {
    ConnectionSettings connection;
    Accounts::Limits limits;
    std::vector<ListeningSocketPtr> sockets;
    std::shared_ptr<const RequestServer> requests;
  };
  void use(const Change& change);

  // How work gets to each of the threads, by the thread's name.
  std::vector<std::pair<std::string, std::shared_ptr<Mailbox>>> mailboxes() const;

  // Stops listening, closes connections on which no request has begun, new ones after a grace
  // (ConnectionSettings), and lets the others finish.
  // A stop is requested of the token once none is left; stop() cuts off those that are. Once.
  std::stop_token drain();

  // Closes everything and joins the loop threads. Requests still being served learn that nobody
  // waits for them.
  void stop();

  // What applications and administrators hold; outlives the server.
  std::shared_ptr<Accounts> applications() const noexcept { return everyone_.admission.accounts; }
  std::shared_ptr<Accounts> administrators() const noexcept {
    return administrators_.admission.accounts;
  }

  std::size_t connections() const {
    return everyone_.admission.accounts->held().connections +
           administrators_.admission.accounts->held().connections;
  }
  // Closed at a limit since the start.
  std::size_t refused_connections() const {
    return everyone_.admission.accounts->refused_connections() +
           administrators_.admission.accounts->refused_connections();
  }

 private:
  explicit Server(const Settings& settings);
  Result<> hold_reserve();
  // The loops of everyone's and of administrators' sockets, and what they share.
  struct Side {
    Admission admission;
    bool is_administrators = false;
    std::vector<std::unique_ptr<LoopThread>> threads;  // last: they use what is above

    std::vector<ListeningSocketPtr> own(const std::vector<ListeningSocketPtr>& sockets) const;
  };
  Result<> add_loop(std::string name, const Settings& settings,
                    std::shared_ptr<const RequestServer> requests,
                    const std::vector<ListeningSocketPtr>& sockets, Side& side);
  std::vector<LoopThread*> threads() const;

  Side everyone_;
  Side administrators_;
};

}  // namespace strongroom
