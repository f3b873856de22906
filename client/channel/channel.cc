#include "client/channel/channel.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/status.h"
#include "client/channel/judgement.h"
#include "client/channel/socket.h"
#include "client/guarded.h"

namespace strongroom::client {
namespace {

constexpr std::size_t kReceiveStep = std::size_t{16} * 1024;
constexpr int kMostSteps = 64;  // before others have a turn
constexpr std::size_t kMostPieces = 16;
// A service that keeps connections has lists for those who know more than Parsec, too.
constexpr std::uint16_t kKept = kFlagKeep | kFlagExtended;

void write_header(Call& call, Channel::Manner manner) noexcept {
  const bool keeps = manner == Channel::Manner::Keep;
  const HeaderBytes header = encode(RequestHeader{
      .flags = keeps ? kKept : std::uint16_t{0},
      .provider = std::to_underlying(*call.provider),
      .session = keeps ? call.id : 0,
      .auth_type = std::to_underlying(call.auth_type),
      .body_size =
          static_cast<std::uint32_t>(call.request.frame.size() - kHeaderSize - call.auth_size),
      .auth_size = call.auth_size,
      .opcode = std::to_underlying(call.request.opcode),
  });
  std::ranges::copy(header, call.request.frame.begin());
}

}  // namespace

Channel::Channel(UniqueFd socket, Manner manner, std::uint32_t max_answer_size)
    : socket_(std::move(socket)), manner_(manner), reader_(max_answer_size), buffer_(kReceiveStep) {
  places_.reserve(manner == Manner::Keep ? kMostInFlight : 1);
}

bool Channel::wants_to_send() const noexcept {
  if (is_send_broken_ || fault_) return false;
  return !std::ranges::all_of(places_, &Place::is_sent);
}

Channel::Outgoing Channel::outgoing(Place& place) noexcept {
  if (place.is_abandoned) return {remainder_, remainder_sent_};
  return {place.call->request.frame, place.call->sent};
}

bool Channel::has_begun(Place& place) noexcept {
  return place.is_sent || outgoing(place).sent > 0;
}

void Channel::put(Calls& from, Calls::iterator call) noexcept {
  write_header(*call, manner_);
  call->sent = 0;
  ++call->attempts;
  was_used_ = true;
  calls_.splice(calls_.end(), from, call);
  places_.push_back({.session = manner_ == Manner::Keep ? call->id : 0,
                     .call = call,
                     .is_abandoned = false,
                     .is_sent = false});
}

iovec Channel::piece(const Outgoing& request) noexcept {
  const auto [frame, sent] = request;
  // sendmsg(2) only reads.
  return {.iov_base = const_cast<std::byte*>(frame.data() + sent), .iov_len = frame.size() - sent};
}

void Channel::send() {
  while (wants_to_send()) {
    std::array<iovec, kMostPieces> pieces{};
    std::size_t count = 0;
    for (Place& place : places_)
      if (!place.is_sent && count < kMostPieces) pieces.at(count++) = piece(outgoing(place));
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = count;
    const ssize_t sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      count_sent(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      return;
    } else if (errno == EPIPE || errno == ECONNRESET) {
      // A service may answer a request that it refuses and close before it has read all of it.
      is_send_broken_ = true;
    } else if (errno != EINTR) {
      lose(errno);
    }
  }
}

void Channel::count_sent(std::size_t bytes) noexcept {
  for (Place& place : places_) {
    if (place.is_sent) continue;
    const auto [frame, sent] = outgoing(place);
    const std::size_t part = std::min(bytes, frame.size() - sent);
    sent += part;
    bytes -= part;
    place.is_sent = sent == frame.size();
    if (place.is_sent && place.is_abandoned) remainder_ = {};
    if (bytes == 0) return;
  }
}

void Channel::receive(Calls& ended, TimePoint now) {
  for (int step = 0; step < kMostSteps && !fault_; ++step) {
    const ssize_t size = ::recv(socket_.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (size > 0) {
      MutableByteView bytes = MutableByteView(buffer_).first(static_cast<std::size_t>(size));
      take(bytes, ended, now);
      ::explicit_bzero(bytes.data(), bytes.size());
      if (bytes.size() < buffer_.size()) return;
    } else if (size == 0) {
      return lose(0);
    } else if (errno == EAGAIN) {
      return;
    } else if (errno != EINTR) {
      return lose(errno);
    }
  }
}

void Channel::take(ByteView bytes, Calls& ended, TimePoint now) {
  // An answer without a body is complete with its header, and takes nothing of what follows.
  while (!bytes.empty() && !fault_) {
    ClientResult<std::optional<AnswerReader::Answer>> answer = reader_.read(bytes);
    if (!answer)
      fault_ = std::move(answer).error();
    else if (*answer)
      take_answer(**std::move(answer), ended, now);
  }
}

Channel::Places::iterator Channel::place_of(const ResponseHeader& header) noexcept {
  return std::ranges::find(places_, header.session, &Place::session);
}

void Channel::take_answer(AnswerReader::Answer answer, Calls& ended, TimePoint now) {
  auto place = place_of(answer.header);
  if (place == places_.end()) return take_unmatched(answer.header, ended, now);
  if (!place->is_sent) take_early(answer.header, outgoing(*place).sent);
  if (fault_) return;
  if (!place->is_abandoned) {
    Call& call = *place->call;
    if (ClientResult<> echo = check_echo(answer.header, call); !echo) {
      fault_ = std::move(echo).error();
      return;
    }
    call.end(judge(std::move(answer)));
    ended.splice(ended.end(), calls_, place->call);
  }
  places_.erase(place);
  ++answered_;
  last_answer_ = now;
  refuse_the_only_one(ended);
}

// A refusal may come before the request is there as a whole; whether the service reads the rest of
// it, nobody knows. So no other request can follow.
void Channel::take_early(const ResponseHeader& header, std::size_t sent) {
  const bool is_refusal = header.status != std::to_underlying(Status::Success);
  if (sent == 0 || !is_refusal) fault_ = premature_answer();
  is_retired_ = true;
  is_send_broken_ = true;
}

// A service that could not trust a request's header answers with a blank one, reads no further, and
// answers what it had read before; which request it meant shows when only that one is left.
void Channel::take_unmatched(const ResponseHeader& header, Calls& ended, TimePoint now) {
  std::optional<Status> status = status_from(header.status);
  if (places_.empty() || !is_blank(header) || !status || blank_refusal_) {
    fault_ = unexpected_session(header, manner_ == Manner::Keep);
    return;
  }
  ++answered_;
  last_answer_ = now;
  is_retired_ = true;
  blank_refusal_ = status;
  refuse_the_only_one(ended);
}

// It can mean what was sent or, where nothing was, what was to be sent.
void Channel::refuse_the_only_one(Calls& ended) {
  if (!blank_refusal_) return;
  const auto was_sent = [this](Place& place) { return has_begun(place); };
  const auto sent = std::ranges::count_if(places_, was_sent);
  if (sent != 1 && (sent != 0 || places_.size() != 1)) return;
  auto place = sent == 1 ? std::ranges::find_if(places_, was_sent) : places_.begin();
  if (!place->is_abandoned) {
    place->call->end(std::unexpected(refusal(*blank_refusal_)));
    ended.splice(ended.end(), calls_, place->call);
  }
  places_.erase(place);
  is_send_broken_ = true;
}

// Of several requests none is the one that a blank refusal meant: nobody knows which it was.
void Channel::lose(int code) {
  std::string cause = code == 0 ? "the service closed the connection" : errno_words(code);
  fault_.emplace(ErrorSource::Connection, Status::ConnectionError, std::move(cause), code);
}

void Channel::take_back_unsent(Calls& to, Calls::iterator before) noexcept {
  std::erase_if(places_, [&](Place& place) {
    if (has_begun(place)) return false;
    to.splice(before, calls_, place.call);
    return true;
  });
}

void Channel::abandon(Calls::iterator call, Calls& ended) noexcept {
  auto place = std::ranges::find_if(
      places_, [&](const Place& one) { return !one.is_abandoned && one.call == call; });
  if (!has_begun(*place)) {
    places_.erase(place);
  } else {
    if (!place->is_sent) {
      remainder_ = std::move(call->request.frame);
      remainder_sent_ = call->sent;
    }
    place->is_abandoned = true;
  }
  ended.splice(ended.end(), calls_, call);
}

}  // namespace strongroom::client
