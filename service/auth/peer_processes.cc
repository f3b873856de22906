#include "service/auth/peer_processes.h"

#include <cerrno>
#include <optional>
#include <sys/stat.h>

namespace strongroom {

struct PeerProcesses::Entry {
  Entry(std::shared_ptr<PeerProcesses> owner, Key its_key, UniqueFd pidfd) noexcept
      : table(std::move(owner)), key(std::move(its_key)), process(std::move(pidfd)) {}
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  ~Entry() { table->forget(key); }

  const std::shared_ptr<PeerProcesses> table;
  const Key key;
  const PeerProcess process;
};

std::shared_ptr<const PeerProcess> PeerProcesses::process_of(int socket, const ucred& peer) {
  ProcessLookup::PeerDescriptor found = lookup_.peer_of(socket);
  if (found.pidfd) return process_behind(std::move(found.pidfd), peer);
  return found.code == ENOPROTOOPT ? process_numbered(peer) : nullptr;
}

std::shared_ptr<const PeerProcess> PeerProcesses::process_behind(UniqueFd pidfd,
                                                                 const ucred& peer) {
  if (lookup_.has_unique_inodes) {
    struct stat file{};
    if (::fstat(pidfd.get(), &file) != 0) return nullptr;
    return shared({0, file.st_ino}, std::move(pidfd));
  }
  // The number is a peer's that lives in our namespace, and it is the peer's while it lives.
  const std::optional<ProcessFacts> facts = lookup_.read_facts(peer.pid);
  if (!facts || has_exited(pidfd.get())) return std::make_shared<PeerProcess>(std::move(pidfd));
  return shared({static_cast<std::uint64_t>(peer.pid), facts->started}, std::move(pidfd));
}

std::shared_ptr<const PeerProcess> PeerProcesses::process_numbered(const ucred& peer) {
  if (peer.pid <= 0) return nullptr;  // in a namespace whose numbers we do not see
  const std::optional<ProcessFacts> before = lookup_.read_facts(peer.pid);
  UniqueFd pidfd = lookup_.open(peer.pid);
  const std::optional<ProcessFacts> after = lookup_.read_facts(peer.pid);
  if (!pidfd || !before || before != after || after->uid != peer.uid) return nullptr;
  if (has_exited(pidfd.get())) return nullptr;
  return shared({static_cast<std::uint64_t>(peer.pid), after->started}, std::move(pidfd));
}

std::shared_ptr<const PeerProcess> PeerProcesses::shared(const Key& key, UniqueFd pidfd) {
  std::shared_ptr<Entry> entry;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = entries_.find(key); found != entries_.end())
      entry = found->second.lock();
  }
  if (!entry) {
    // Another thread may do the same meanwhile; two descriptors of one process do no harm.
    entry = std::make_shared<Entry>(shared_from_this(), key, std::move(pidfd));
    const std::lock_guard lock(mutex_);
    entries_[key] = entry;
  }
  return {entry, &entry->process};
}

void PeerProcesses::forget(const Key& key) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found != entries_.end() && found->second.expired()) entries_.erase(found);
}

std::size_t PeerProcesses::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace strongroom
