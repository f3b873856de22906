// The floor of every round trip: a bare epoll server, one thread for each core as the daemon has,
// that takes in request frames and sends frames as long as their answers, and does nothing else.
// It works for whom epoll woke it until what arrived is answered; answers to frames that arrived
// together leave together.
//
//   echo_server --socket PATH [--threads N]
//
// How long the answer is stands in the upper half of the session handle (load_client.h). A
// request's body is read and forgotten.

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <thread>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

#include "base/unique_fd.h"
#include "protocol/frame.h"
#include "tests/bench/options.h"

namespace strongroom::bench {
namespace {

constexpr std::size_t kStep = std::size_t{64} * 1024;
constexpr std::size_t kMostReady = 64;  // events of one wait

struct Peer {
  explicit Peer(int fd) : socket(fd) {}

  UniqueFd socket;
  std::array<std::byte, kHeaderSize> header{};  // of the frame that arrives
  std::size_t collected = 0;                    // bytes of it
  std::size_t unread = 0;                       // bytes of body and authentication to come
  std::uint64_t session = 0;
  std::uint32_t opcode = 0;
  bool is_kept = true;
  Bytes answers;
  std::size_t sent = 0;
};

class Server {
 public:
  explicit Server(int listener) : listener_(listener), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    epoll_event event{.events = EPOLLIN | EPOLLEXCLUSIVE, .data = {.ptr = nullptr}};
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, listener_, &event);
  }

  [[noreturn]] void run() {
    for (;;) {
      std::array<epoll_event, kMostReady> events;
      int ready = ::epoll_wait(epoll_.get(), events.data(), kMostReady, -1);
      for (int i = 0; i < ready; ++i) {
        auto* peer = static_cast<Peer*>(events[static_cast<std::size_t>(i)].data.ptr);
        if (peer == nullptr)
          accept();
        else if (!serve(*peer))
          peers_.erase(peer);
      }
    }
  }

 private:
  void accept() {
    int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    auto peer = std::make_unique<Peer>(fd);
    epoll_event event{.events = EPOLLIN, .data = {.ptr = peer.get()}};
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event);
    peers_.emplace(peer.get(), std::move(peer));
  }

  // False when the connection is over.
  bool serve(Peer& peer) {
    if (!peer.answers.empty()) return send(peer);
    ssize_t received = ::recv(peer.socket.get(), scratch_.data(), scratch_.size(), 0);
    if (received <= 0) return received < 0 && errno == EAGAIN;
    take(peer, ByteView(scratch_).first(static_cast<std::size_t>(received)));
    return peer.answers.empty() || send(peer);
  }

  static void take(Peer& peer, ByteView arrived) {
    while (!arrived.empty()) {
      if (peer.collected < kHeaderSize) {
        std::size_t step = std::min(arrived.size(), kHeaderSize - peer.collected);
        std::ranges::copy(arrived.first(step),
                          peer.header.begin() + static_cast<std::ptrdiff_t>(peer.collected));
        peer.collected += step;
        arrived = arrived.subspan(step);
        if (peer.collected == kHeaderSize) read_header(peer);
      }
      std::size_t step = std::min(arrived.size(), peer.unread);
      peer.unread -= step;
      arrived = arrived.subspan(step);
      if (peer.collected == kHeaderSize && peer.unread == 0) answer(peer);
    }
  }

  static void read_header(Peer& peer) {
    auto header = decode_request_header(peer.header);
    if (!header || !*header) die(1, "a request is none");
    peer.unread = (*header)->body_size + (*header)->auth_size;
    peer.session = (*header)->session;
    peer.opcode = (*header)->opcode;
    peer.is_kept = ((*header)->flags & kFlagKeep) != 0;
  }

  static void answer(Peer& peer) {
    auto size = static_cast<std::uint32_t>(peer.session >> 32);
    HeaderBytes header =
        encode(ResponseHeader{.session = peer.session, .body_size = size, .opcode = peer.opcode});
    peer.answers.insert(peer.answers.end(), header.begin(), header.end());
    peer.answers.resize(peer.answers.size() + size);
    peer.collected = 0;
  }

  bool send(Peer& peer) {
    ByteView rest = ByteView(peer.answers).subspan(peer.sent);
    ssize_t sent = ::send(peer.socket.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return false;
    bool was_waiting = peer.sent > 0;
    peer.sent += static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
    bool is_done = peer.sent == peer.answers.size();
    if (is_done) {
      peer.answers.clear();
      peer.sent = 0;
    }
    if (is_done && !peer.is_kept) return false;
    if (!is_done || was_waiting) expect(peer, is_done ? EPOLLIN : EPOLLOUT);
    return true;
  }

  void expect(Peer& peer, std::uint32_t events) {
    epoll_event event{.events = events, .data = {.ptr = &peer}};
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, peer.socket.get(), &event);
  }

  const int listener_;
  UniqueFd epoll_;
  Bytes scratch_ = Bytes(kStep);
  std::unordered_map<Peer*, std::unique_ptr<Peer>> peers_;
};

UniqueFd listen_at(const std::string& path) {
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  ::umask(0);  // anybody may connect
  if (!socket || ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(socket.get(), SOMAXCONN) != 0)
    die_of_errno(fmt::format("listening at '{}'", path));
  return socket;
}

void run(int argc, char** argv) {
  Options options(argc, argv, {"socket", "threads"});
  UniqueFd listener = listen_at(options.text("socket"));
  std::size_t cores = std::clamp(std::thread::hardware_concurrency(), 1U, 8U);
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < options.count("threads", cores); ++i)
    threads.emplace_back([&] { Server(listener.get()).run(); });
  Server(listener.get()).run();
}

}  // namespace
}  // namespace strongroom::bench

int main(int argc, char** argv) {
  strongroom::bench::run(argc, argv);
}
