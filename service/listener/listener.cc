#include "service/listener/listener.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/bytes.h"
#include "base/log.h"
#include "service/loop/system_error.h"

namespace strongroom {
namespace {

// Few, so that other loops get their share of a burst and open connections their turn.
constexpr int kAcceptsPerTurn = 8;
constexpr std::chrono::milliseconds kPause{100};

bool is_out_of_descriptors(int code) noexcept {
  return code == EMFILE || code == ENFILE;
}

}  // namespace

ReadPeer peer_reader() {
  return [processes = PeerProcesses::create()](int socket, UnmappedUid unmapped) {
    return read_peer_identity(socket, unmapped, *processes);
  };
}

Listener::Listener(Loop& loop, std::shared_ptr<const ListeningSocket> socket,
                   ConnectionSet& connections, Admission& admission) noexcept
    : loop_(loop), socket_(std::move(socket)), connections_(connections), admission_(admission) {}

Result<> Listener::start() {
  return in_context(loop_.watch(socket_->descriptor(), EPOLLIN | EPOLLEXCLUSIVE, *this),
                    "listening at '{}'", socket_->name());
}

void Listener::stop() {
  if (!socket_) return;
  if (pause_end_) loop_.cancel(*pause_end_);
  loop_.unwatch(socket_->descriptor());
  socket_.reset();
}

void Listener::start_in_the_end() {
  if (Result<> started = start(); !started) {
    log::error("listener", "{}", started.error().message());
    retry();
  }
}

void Listener::finish() {
  if (!socket_) return;
  // As many as can wait; while the path is there others may join them.
  for (int i = 0; i < SOMAXCONN; ++i)
    if (accept_one() != Accepted::One) break;
  stop();
}

void Listener::on_ready(std::uint32_t /*events*/) {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    switch (accept_one()) {
      case Accepted::One: break;
      case Accepted::None: return;
      case Accepted::Failed: return pause();
    }
  }
}

Listener::Accepted Listener::accept_one() {
  if (admission_.reserve && !admission_.reserve->refill() && !socket_->is_admin())
    return postpone(Error(Status::ConnectionError, "descriptors are held for administrators"));
  if (UniqueFd connected = accept()) {
    take(std::move(connected));
    return Accepted::One;
  }
  // ECONNABORTED: that client gave up; the next may not have.
  if (errno == EINTR || errno == ECONNABORTED) return Accepted::One;
  if (errno == EAGAIN) {
    // Without a descriptor the kernel does not even look whether somebody waits.
    if (admission_.reserve) admission_.reserve->refill();
    return Accepted::None;
  }
  return postpone(system_error(fmt::format("accepting at '{}'", socket_->name())));
}

UniqueFd Listener::accept() const {
  DescriptorReserve* reserve = socket_->is_admin() ? admission_.reserve.get() : nullptr;
  while (true) {
    UniqueFd connected(
        ::accept4(socket_->descriptor(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (connected || !is_out_of_descriptors(errno)) return connected;
    if (reserve == nullptr || !reserve->give_up()) return connected;
  }
}

Listener::Accepted Listener::postpone(const Error& cause) {
  if (auto suppressed = admission_.exhausted.pass())
    log::warning("listener", "paused suppressed={} cause={}", *suppressed, cause.message());
  return Accepted::Failed;
}

void Listener::take(UniqueFd connected) {
  // A container's users are not ours to name, and at its socket they need no name.
  const bool is_tenants = !socket_->tenant().empty();
  Result<PeerIdentity> peer = admission_.read_peer(
      connected.get(), is_tenants ? UnmappedUid::Accepted : UnmappedUid::Refused);
  if (!peer) {
    if (auto suppressed = admission_.unidentified.pass())
      log::warning("listener", "connection closed suppressed={} cause={}", *suppressed,
                   peer.error().message());
    return;
  }
  std::shared_ptr<Account> account = admission_.accounts->account_of(principal_of(*peer));
  std::optional<Charge> seat = account->admit_connection();
  if (!seat) {
    if (auto suppressed = admission_.over_quota.pass())
      log::warning("listener", "connection closed at a limit principal={} suppressed={}",
                   account->principal().to_string(), *suppressed);
    return;
  }
  if (log::is_enabled(log::Level::Debug))
    log::debug("listener", "accepted at '{}' principal={} pid={} label='{}'", socket_->name(),
               account->principal().to_string(), peer->pid, escaped(peer->label));
  connections_.add(std::move(connected),
                   Caller{.peer = std::move(*peer),
                          .account = std::move(account),
                          .admin_socket = socket_->is_admin(),
                          .tenant = socket_->tenant(),
                          .socket = socket_->number()},
                   std::move(*seat));
}

Principal Listener::principal_of(const PeerIdentity& peer) const {
  const std::string& tenant = socket_->tenant();
  return tenant.empty() ? Principal::user(peer.uid) : Principal::tenant(tenant);
}

void Listener::pause() {
  // The connection that could not be accepted keeps the socket readable: look again later. Other
  // loops are woken for it in the meantime, and pause as well.
  loop_.unwatch(socket_->descriptor());
  retry();
}

void Listener::retry() {
  pause_end_ = loop_.at(Loop::Clock::now() + kPause, [this] {
    pause_end_.reset();
    start_in_the_end();
  });
}

}  // namespace strongroom
