// Finds the process behind a connection.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <sys/socket.h>
#include <utility>

#include "service/auth/peer_process.h"
#include "service/auth/process_lookup.h"

namespace strongroom {

// Connections of one process share one PeerProcess and so one descriptor; it goes with the last of
// them. Any thread.
class PeerProcesses : public std::enable_shared_from_this<PeerProcesses> {
 public:
  static std::shared_ptr<PeerProcesses> create(
      ProcessLookup lookup = ProcessLookup::of_the_kernel()) {
    return std::shared_ptr<PeerProcesses>(new PeerProcesses(std::move(lookup)));
  }

  // Of a connected socket whose SO_PEERCRED is `peer`. Empty when it cannot be known, which is also
  // so when no descriptor is left to know it by.
  //
  // SO_PEERPIDFD holds the process that connected, be it gone. Where the kernel does not have it,
  // the process that has the number now is taken if it was the same one before and after it was
  // looked at, lives, and acts as the peer's uid: where the peer exits before its connection is
  // accepted, a later process of the same user may be taken for it, never one of another.
  std::shared_ptr<const PeerProcess> process_of(int socket, const ucred& peer);

  // Processes with connections.
  std::size_t size() const;

 private:
  // Tells processes apart: {0, inode} on pidfs, else {number, time of start}.
  using Key = std::pair<std::uint64_t, std::uint64_t>;
  struct Entry;

  explicit PeerProcesses(ProcessLookup lookup) noexcept : lookup_(std::move(lookup)) {}

  std::shared_ptr<const PeerProcess> process_behind(UniqueFd pidfd, const ucred& peer);
  std::shared_ptr<const PeerProcess> process_numbered(const ucred& peer);
  // The one that is known by `key`, which `pidfd` is otherwise from now on.
  std::shared_ptr<const PeerProcess> shared(const Key& key, UniqueFd pidfd);
  void forget(const Key& key);

  const ProcessLookup lookup_;
  mutable std::mutex mutex_;  // guards entries_
  std::map<Key, std::weak_ptr<Entry>> entries_;
};

}  // namespace strongroom
