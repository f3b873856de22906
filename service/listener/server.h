// Listening sockets and loop threads around one RequestServer.
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <vector>

#include "service/listener/listener.h"
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

  // Takes the sockets; ConnectionError.
  static Result<std::unique_ptr<Server>> create(const Settings& settings,
                                                std::vector<ListeningSocket> sockets,
                                                std::shared_ptr<const RequestServer> requests);
  ~Server() { stop(); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The loop threads inherit the caller's signal mask. ConnectionError.
  Result<> start();

  // Stops listening, closes connections on which no request has begun, and lets the others finish.
  // False when `timeout` is over first, or `at_once` is requested; then stop() cuts off what is
  // left. Once.
  bool drain(std::chrono::milliseconds timeout, std::stop_token at_once = {});

  // Closes everything and joins the loop threads. Requests still being served learn that nobody
  // waits for them.
  void stop();

  std::size_t connections() const {
    return everyone_.accounts->held().connections + administrators_.accounts->held().connections;
  }
  // Closed at a limit since the start.
  std::size_t refused_connections() const {
    return everyone_.accounts->refused_connections() +
           administrators_.accounts->refused_connections();
  }

 private:
  explicit Server(const Settings& settings);
  Result<> hold_reserve();
  Result<> add_loop(std::string name, const Settings& settings,
                    std::shared_ptr<const RequestServer> requests,
                    const std::vector<std::shared_ptr<const ListeningSocket>>& sockets,
                    Admission& admission);

  Admission everyone_;
  Admission administrators_;
  std::vector<std::unique_ptr<LoopThread>> threads_;  // last: they use what is above
};

}  // namespace strongroom
