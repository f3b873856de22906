#include "tests/bench/load_client.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <utility>

namespace strongroom::bench {
namespace {

constexpr std::size_t kStep = std::size_t{256} * 1024;
constexpr std::size_t kMostParts = 64;  // of one sendmsg

constexpr std::uint64_t session_of(std::size_t slot, std::uint32_t sequence, std::size_t answer) {
  return static_cast<std::uint64_t>(answer) << 32 | (sequence & 0xFFFFFFU) << 8 | (slot + 1);
}

constexpr std::size_t slot_of(std::uint64_t session) {
  return (session & 0xFF) - 1;
}

iovec part_of(ByteView bytes) {
  return {.iov_base = const_cast<std::byte*>(bytes.data()), .iov_len = bytes.size()};
}

}  // namespace

UniqueFd connect_to(const std::string& path) {
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return {};
  // Waits its turn where the backlog is full, but not for ever.
  const timeval patience{.tv_sec = 5, .tv_usec = 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    return {};
  ::fcntl(socket.get(), F_SETFL, O_NONBLOCK);
  return socket;
}

LoadClient::LoadClient(Ground& ground) : ground_(ground), slots_(ground.depth) {}

bool LoadClient::start(const Task& task, std::shared_ptr<const Bytes> rest,
                       Clock::time_point intended) {
  if (!socket_ && !connect()) return false;
  auto free = std::ranges::find(slots_, nullptr, &Slot::task);
  auto index = static_cast<std::size_t>(free - slots_.begin());
  *free = {&task, session_of(index, ++sequence_, task.answer_size), intended};
  ++in_flight_;
  std::uint16_t flags = ground_.mode == Mode::Kept ? kFlagKeep : 0;
  outgoing_.push_back({encode(header_of(task, flags, free->session)), std::move(rest)});
  return true;
}

bool LoadClient::connect() {
  socket_ = connect_to(ground_.socket);
  if (!socket_) {
    ++ground_.tally.unconnected;
    return false;
  }
  answers_ = 0;
  expected_ = EPOLLIN;
  epoll_event event{.events = expected_, .data = {.ptr = this}};
  ::epoll_ctl(ground_.epoll, EPOLL_CTL_ADD, socket_.get(), &event);
  return true;
}

void LoadClient::disconnect() {
  socket_.reset();
  filled_ = 0;
  outgoing_.clear();
  ground_.tally.lost += std::exchange(in_flight_, 0);
  std::ranges::fill(slots_, Slot{});
}

void LoadClient::expect(std::uint32_t events) {
  if (std::exchange(expected_, events) == events) return;
  epoll_event event{.events = events, .data = {.ptr = this}};
  ::epoll_ctl(ground_.epoll, EPOLL_CTL_MOD, socket_.get(), &event);
}

void LoadClient::send() {
  while (!outgoing_.empty()) {
    std::array<iovec, kMostParts> parts;
    std::size_t count = 0;
    for (const Outgoing& frame : outgoing_) {
      if (count + 2 > parts.size()) break;
      std::size_t of_header = std::min(frame.sent, frame.header.size());
      parts[count++] = part_of(ByteView(frame.header).subspan(of_header));
      parts[count++] = part_of(ByteView(*frame.rest).subspan(frame.sent - of_header));
    }
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    ssize_t sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
    if (sent < 0) break;
    for (auto rest = static_cast<std::size_t>(sent); rest > 0;) {
      Outgoing& frame = outgoing_.front();
      std::size_t step = std::min(rest, frame.size() - frame.sent);
      frame.sent += step;
      rest -= step;
      if (frame.sent == frame.size()) outgoing_.pop_front();
    }
  }
  if (socket_) expect(outgoing_.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT);
}

void LoadClient::on_ready(std::uint32_t events) {
  if ((events & EPOLLOUT) != 0) send();
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) receive();
}

void LoadClient::receive() {
  while (socket_) {
    if (arrived_.size() - filled_ < kStep) arrived_.resize(filled_ + kStep);
    std::size_t space = arrived_.size() - filled_;
    ssize_t received = ::recv(socket_.get(), arrived_.data() + filled_, space, 0);
    if (received < 0 && errno == EAGAIN) return;
    if (received <= 0) return on_end();
    filled_ += static_cast<std::size_t>(received);
    take_answers();
    if (static_cast<std::size_t>(received) < space) return;
  }
}

void LoadClient::take_answers() {
  std::size_t taken = 0;
  while (socket_ && filled_ - taken >= kHeaderSize) {
    ByteView rest = ByteView(arrived_).subspan(taken, filled_ - taken);
    auto header = decode_response_header(rest.first<kHeaderSize>());
    if (!header) {
      ++ground_.tally.wrong;
      return disconnect();
    }
    if (rest.size() < kHeaderSize + header->body_size) break;
    taken += kHeaderSize + header->body_size;
    take(*header, rest.subspan(kHeaderSize, header->body_size));
    if (ground_.mode == Mode::Connecting) return disconnect();
  }
  if (taken == 0) return;
  std::memmove(arrived_.data(), arrived_.data() + taken, filled_ - taken);
  filled_ -= taken;
}

void LoadClient::take(const ResponseHeader& header, ByteView body) {
  ++ground_.tally.answered;
  ++ground_.tally.statuses[header.status];
  ++answers_;
  std::size_t index = slot_of(header.session);
  Slot slot = index < slots_.size() ? slots_[index] : Slot{};
  bool is_ours = slot.task != nullptr && slot.session == header.session &&
                 header.opcode == std::to_underlying(slot.task->opcode);
  if (!is_ours) {
    // A refused header is answered with blank fields.
    if (header.status == 0) ++ground_.tally.wrong;
    return;
  }
  slots_[index] = {};
  --in_flight_;
  if (header.status != 0) return;
  if (slot.task->is_answer_known && body.size() != slot.task->answer_size) {
    ++ground_.tally.wrong;
    return;
  }
  ground_.answered(*slot.task, slot.intended, body);
}

void LoadClient::on_end() {
  // The second request was never answered: it is this server's way, not an accident.
  if (ground_.mode == Mode::Kept && answers_ == 1) ground_.tally.is_kept = false;
  disconnect();
}

}  // namespace strongroom::bench
