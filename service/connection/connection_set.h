// The connections of one loop.
#pragma once

#include <memory>
#include <unordered_map>

#include "service/connection/connection.h"

namespace strongroom {

// Owns them; belongs to the loop's thread. Outlived by `loop`.
class ConnectionSet {
 public:
  ConnectionSet(Loop& loop, std::shared_ptr<const RequestServer> server,
                const ConnectionSettings& settings);
  ConnectionSet(const ConnectionSet&) = delete;
  ConnectionSet& operator=(const ConnectionSet&) = delete;

  // `socket` is connected and does not block. Closes it while winding down.
  void add(UniqueFd socket, Caller caller, Charge seat);
  std::size_t size() const noexcept { return connections_.size(); }

  // For all requests that begin from now on.
  void use(std::shared_ptr<const RequestServer> server, const ConnectionSettings& settings);

  // Closes connections on which no request has begun, those that have not had one after
  // `first_byte_grace`; lets the others finish within their own deadlines, and says once when none
  // is left. Once.
  void wind_down(Loop::Task when_empty);
  // The same for some of them, without a grace; others may be added.
  void wind_down_those(const std::function<bool(const Caller&)>& chosen);
  // Whatever they are doing; their requests learn that nobody waits any more.
  void close_all();

 private:
  using Chosen = std::function<bool(const Caller&)>;
  void wind_down_those(const Chosen& chosen, Loop::Clock::duration grace);
  void send_answers();
  void forget(Connection& connection);
  void report_if_empty();

  Bytes scratch_;
  Surroundings surroundings_;
  std::unordered_map<const Connection*, std::unique_ptr<Connection>> connections_;
  bool is_winding_down_ = false;
  Loop::Task when_empty_;
};

}  // namespace strongroom
