#include "service/connection/outbox.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <sys/uio.h>

namespace strongroom {
namespace {

constexpr std::size_t kEntriesPerCall = 32;

// sendmsg(2) only reads, but its vector cannot say so.
iovec vector_of(ByteView bytes) noexcept {
  return {.iov_base = const_cast<std::byte*>(bytes.data()), .iov_len = bytes.size()};
}

ByteView after(ByteView bytes, std::size_t skipped) noexcept {
  return bytes.subspan(std::min(skipped, bytes.size()));
}

}  // namespace

void Outbox::push(OwnedResponse response, Charge charge) {
  response.header.body_size = static_cast<std::uint32_t>(response.body.size());
  entries_.push_back({.header = encode(response.header),
                      .body = std::move(response.body),
                      .charge = std::move(charge)});
  unsent_ += entries_.back().size();
  if (is_behind_) charge_response(entries_.back());
}

Outbox::Progress Outbox::send_to(int socket) {
  while (!is_empty()) {
    const ssize_t count = send_some(socket);
    if (count >= 0) {
      drop(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      is_behind_ = true;
      charge_rest();
      return Progress::Blocked;
    } else if (errno != EINTR) {
      return Progress::PeerGone;
    }
  }
  is_behind_ = false;
  return Progress::AllSent;
}

ssize_t Outbox::send_some(int socket) const noexcept {
  std::array<iovec, 2 * kEntriesPerCall> pieces;
  std::size_t count = 0;
  std::size_t skipped = sent_;
  const std::size_t end = std::min(entries_.size(), first_ + kEntriesPerCall);
  for (std::size_t i = first_; i < end; ++i) {
    const Entry& entry = entries_[i];
    const std::size_t in_body = skipped - std::min(skipped, entry.header.size());
    for (ByteView piece : {after(entry.header, skipped), after(entry.body.view(), in_body)})
      if (!piece.empty()) pieces.at(count++) = vector_of(piece);
    skipped = 0;
  }
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = count;
  return ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void Outbox::drop(std::size_t sent) noexcept {
  unsent_ -= sent;
  for (sent_ += sent; first_ < entries_.size() && sent_ >= entries_[first_].size(); ++first_) {
    sent_ -= entries_[first_].size();
    entries_[first_] = {};
  }
  // Now and then, so that this stays cheap; most often all is sent.
  if (first_ < entries_.size() && first_ < kEntriesPerCall) return;
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(first_));
  first_ = 0;
}

void Outbox::charge_rest() {
  for (std::size_t i = first_; i < entries_.size(); ++i)
    charge_response(entries_[i]);
}

void Outbox::charge_response(Entry& entry) {
  if (!std::exchange(entry.is_charged, true))
    entry.charge = account_.charge({.frames = 1, .bytes = entry.size(), .unsent = entry.size()});
}

void Outbox::clear() noexcept {
  entries_.clear();
  first_ = sent_ = unsent_ = 0;
  is_behind_ = false;
}

}  // namespace strongroom
