// Accepts connections from one listening socket on one loop.
#pragma once

#include <memory>
#include <optional>

#include "base/log_gate.h"
#include "base/unique_fd.h"
#include "service/auth/peer_identity.h"
#include "service/connection/connection_set.h"
#include "service/listener/descriptor_reserve.h"
#include "service/listener/listening_socket.h"
#include "service/loop/loop.h"

namespace strongroom {

// Who is at the other end of a connected socket: what peer_reader() gives, unless a test has its
// own answer. Any thread.
using ReadPeer = std::function<Result<PeerIdentity>(int socket, UnmappedUid unmapped)>;
// read_peer_identity(), with the processes of all connections.
ReadPeer peer_reader();

// What the listeners of all loops share. Outlives them; any thread.
struct Admission {
  ReadPeer read_peer;
  std::shared_ptr<Accounts> accounts;
  std::shared_ptr<DescriptorReserve> reserve;  // may be empty: there are no administrators' sockets
  LogGate exhausted;                           // no descriptor for a connection
  LogGate over_quota;                          // closed at a limit
  LogGate unidentified;                        // closed because the kernel does not say who it is
};

// Belongs to the loop's thread.
class Listener final : private Watcher {
 public:
  // The socket may be shared with listeners of other loops: one of them is woken for a connection.
  // It is closed when the last of them has stopped.
  Listener(Loop& loop, std::shared_ptr<const ListeningSocket> socket, ConnectionSet& connections,
           Admission& admission) noexcept;
  ~Listener() { stop(); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  Result<> start();
  // As start(); where that fails, it is tried again and again.
  void start_in_the_end();
  void stop();
  // Accepts those who wait, and stops: nobody can come after them.
  void finish();
  const ListeningSocketPtr& socket() const noexcept { return socket_; }

 private:
  enum class Accepted { One, None, Failed };

  void on_ready(std::uint32_t events) override;
  void on_out_of_memory() override { pause(); }
  Accepted accept_one();
  UniqueFd accept() const;
  Accepted postpone(const Error& cause);
  void take(UniqueFd connected);
  Principal principal_of(const PeerIdentity& peer) const;
  void pause();
  void retry();

  Loop& loop_;
  std::shared_ptr<const ListeningSocket> socket_;  // empty once stopped
  ConnectionSet& connections_;
  Admission& admission_;
  std::optional<Loop::TimerId> pause_end_;
};

}  // namespace strongroom
