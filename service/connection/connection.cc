#include "service/connection/connection.h"

#include <algorithm>
#include <sys/socket.h>
#include <utility>

#include "base/log.h"
#include "base/secret_buffer.h"
#include "service/connection/intake/incoming.h"

namespace strongroom {
namespace {

// Overwrites what was read once it has been dealt with, also where memory runs out on the way.
class Wiping {
 public:
  explicit Wiping(MutableByteView bytes) noexcept : bytes_(bytes) {}
  Wiping(const Wiping&) = delete;
  Wiping& operator=(const Wiping&) = delete;
  ~Wiping() { wipe(bytes_); }

 private:
  const MutableByteView bytes_;
};

}  // namespace

Connection::Connection(UniqueFd socket, Caller caller, Charge seat, Surroundings& surroundings)
    : socket_(std::move(socket)),
      caller_(std::move(caller)),
      seat_(std::move(seat)),
      surroundings_(surroundings),
      clock_(Loop::Clock::now()),
      reading_deadline_(surroundings.loop, [this] { on_reading_deadline(); }),
      outbox_(*caller_.account),
      writing_deadline_(surroundings.loop, [this] { on_writing_deadline(); }),
      expiry_deadline_(surroundings.loop, [this] { on_expiry_deadline(); }) {}

Connection::~Connection() {
  close();
  if (has_answers_) std::erase(surroundings_.answered, this);
}

Result<> Connection::start() {
  TRY(surroundings_.loop.watch(socket_.get(), expected_, *this));
  await_reading();
  return {};
}

void Connection::wind_down(Loop::Clock::duration grace) {
  if (state_ == State::Abandoned) close();
  // What has been sent but not yet noticed counts as begun.
  if (is_willing() && intake_.is_between_requests()) read();
  is_winding_down_ = true;
  first_byte_by_ = Loop::Clock::now() + grace;
  settle();
}

void Connection::send_answers() {
  has_answers_ = false;
  settle();
}

void Connection::on_ready(std::uint32_t events) {
  if (state_ == State::Draining) {
    // EPOLLHUP says here only that both sides have ended their half.
    drain();
  } else if ((events & (EPOLLHUP | EPOLLERR)) != 0) {
    abandon();
  } else {
    if ((events & EPOLLOUT) != 0) is_blocked_ = false;
    if (events != EPOLLOUT) take_turn();
  }
  settle();
}

void Connection::on_out_of_memory() {
  if (state_ == State::Open)
    refuse(Error(Status::PsaErrorInsufficientMemory, "reading a request: out of memory"));
  else
    abandon();
  settle();
}

void Connection::on_answer(const Exchange& exchange, Answer answer) {
  take_answer(exchange, std::move(answer));
  if (!std::exchange(has_answers_, true)) surroundings_.answered.push_back(this);
}

void Connection::on_room() {
  waits_for_room_ = false;
  settle();
}

void Connection::on_reading_deadline() {
  if (state_ == State::Draining)
    close();
  else if (clock_.awaited() == Awaited::NextRequest ||
           (is_winding_down_ && clock_.awaited() == Awaited::FirstByte))
    end_reading();
  else
    refuse(Error(Status::ConnectionError, "reading a request: not complete in time"));
  settle();
}

void Connection::on_writing_deadline() {
  // The kernel tells of room in the socket only when there is a good deal of it.
  const std::size_t before = outbox_.unsent();
  is_blocked_ = false;
  send();
  if (is_blocked_ && outbox_.unsent() == before) {
    log::debug("connection", "uid={} closed: does not read its answers", caller_.peer.uid);
    abandon();
  }
  settle();
}

void Connection::on_expiry_deadline() {
  surroundings_.server->expire(caller_, Loop::Clock::now());
  settle();
}

bool Connection::is_willing() const noexcept {
  return state_ == State::Open && !waits_for_room_ &&
         outbox_.unsent() < surroundings_.settings.unsent_limit &&
         (intake_.is_charged() || in_flight_.size() < surroundings_.settings.max_in_flight);
}

bool Connection::is_let_read() {
  if (intake_.is_charged() || caller_.account->has_room()) return true;
  waits_for_room_ = true;
  surroundings_.room.add(caller_.account, *this);
  intake_.wait();
  return false;
}

void Connection::take_turn() {
  if (!is_willing()) return;
  if (has_served_ && !intake_.has_begun() &&
      clock_.is_over(surroundings_.loop.last_turn(), surroundings_.settings))
    return end_reading();
  if (!is_let_read()) return;
  // What has been read comes in the next turn, and what has not makes epoll tell again.
  if (surroundings_.slice.is_used_up(*caller_.account)) return send();
  if (intake_.has_leftover())
    judge(intake_.go_on(*surroundings_.server, *caller_.account));
  else
    read();
}

void Connection::read() {
  const std::size_t ahead = is_winding_down_ ? 0 : kReadAhead;
  const std::size_t most = std::min(surroundings_.scratch.size(), intake_.missing() + ahead);
  Incoming incoming = receive_from(socket_.get(), surroundings_.scratch.first(most));
  switch (incoming.kind) {
    case Incoming::Kind::Nothing: return;
    case Incoming::Kind::PeerGone: return abandon();
    case Incoming::Kind::EndOfStream: return on_end_of_stream();
    case Incoming::Kind::Arrived: break;
  }
  const Wiping wiping(incoming.bytes);
  judge(intake_.add(incoming.bytes, *surroundings_.server, *caller_.account));
}

void Connection::on_end_of_stream() {
  if (intake_.has_begun() || !has_served_)
    refuse(Error(Status::ConnectionError, "reading a request: it ends early"));
  else
    end_reading();
  unread_ = Unread::None;
}

void Connection::judge(const Result<>& taken) {
  if (!taken)
    refuse(taken.error());
  else if (intake_.is_complete())
    serve();
}

void Connection::serve() {
  auto [request, charge] = intake_.finish();
  // Whoever else holds the socket by now is not the one whom the kernel identified.
  if (has_served_ && caller_.peer.process->has_exited()) return end_reading();
  has_served_ = true;
  clock_.await(Awaited::Nothing, ReadingClock::Counts::Yes, surroundings_.loop.last_turn());
  if (!is_kept_after(request)) end_reading();
  const auto exchange = in_flight_.begin(std::move(charge), surroundings_.loop.mailbox(), *this);
  surroundings_.server->serve(std::move(request), caller_, surroundings_.slice, in_flight_.gone(),
                              exchange->make_respond());
  if (std::optional<Answer> early = exchange->end_of_call())
    take_answer(*exchange, std::move(*early));
}

bool Connection::is_kept_after(const Request& request) const noexcept {
  // Only for a process of which can be told whether it is still there.
  return (request.header.flags & kFlagKeep) != 0 && caller_.peer.process != nullptr;
}

void Connection::take_answer(const Exchange& exchange, Answer answer) {
  Charge charge = in_flight_.end(exchange);
  if (state_ == State::Abandoned) {
    if (in_flight_.is_empty()) close();
  } else if (answer.response) {
    outbox_.push(std::move(*answer.response), std::move(charge));
  } else if (state_ == State::Open) {
    end_reading();
  }
}

void Connection::refuse(const Error& error) {
  end_reading();
  unread_ = Unread::Possible;
  outbox_.push(OwnedResponse(surroundings_.server->refuse(error, caller_)), Charge());
}

void Connection::end_reading() {
  state_ = State::Finishing;
  unread_ = intake_.is_between_requests() ? Unread::None : Unread::Possible;
  intake_.clear();
}

// The answers of short requests that arrived together leave together, a few at a time: each call
// costs as much as reading, checking and answering one of them. The next turn is sure to come.
bool Connection::puts_off_sending() const noexcept {
  constexpr std::size_t kTogether = 4;
  return is_willing() && intake_.has_leftover() && outbox_.responses() < kTogether;
}

void Connection::send() {
  if (outbox_.is_empty() || is_blocked_) return;
  const std::size_t before = outbox_.unsent();
  switch (outbox_.send_to(socket_.get())) {
    case Outbox::Progress::AllSent: return writing_deadline_.clear();
    case Outbox::Progress::PeerGone: return abandon();
    case Outbox::Progress::Blocked: break;
  }
  is_blocked_ = true;
  if (outbox_.unsent() < before || !writing_deadline_.is_set())
    writing_deadline_.set(Loop::Clock::now() + surroundings_.settings.write_timeout);
}

void Connection::finish() {
  state_ = State::Draining;
  drain();
  if (!socket_) return;
  ::shutdown(socket_.get(), SHUT_WR);
  reading_deadline_.set(Loop::Clock::now() + surroundings_.settings.drain_timeout);
  expect(EPOLLIN);
}

void Connection::drain() {
  Incoming incoming = receive_from(socket_.get(), surroundings_.scratch);
  if (incoming.kind == Incoming::Kind::Nothing && unread_ == Unread::Possible) return;
  if (incoming.kind != Incoming::Kind::Arrived) return close();
  wipe(incoming.bytes);
  unread_ = Unread::Possible;
  drained_ += incoming.bytes.size();
  if (drained_ > surroundings_.settings.drain_limit) close();
}

void Connection::abandon() {
  if (in_flight_.is_empty()) return close();
  state_ = State::Abandoned;
  in_flight_.tell_gone();
  release();
}

void Connection::close() {
  if (state_ == State::Closed) return;
  state_ = State::Closed;
  in_flight_.tell_gone();
  in_flight_.abandon();
  release();
}

void Connection::release() {
  if (std::exchange(waits_for_room_, false)) surroundings_.room.remove(*caller_.account, *this);
  reading_deadline_.clear();
  writing_deadline_.clear();
  expiry_deadline_.clear();
  caller_.session.reset();
  intake_.clear();
  outbox_.clear();
  if (!socket_) return;
  surroundings_.loop.unwatch(socket_.get());
  socket_.reset();
}

void Connection::settle() {
  if (state_ == State::Open && is_winding_down_ && intake_.is_between_requests() &&
      (has_served_ || Loop::Clock::now() >= first_byte_by_))
    end_reading();
  if (state_ == State::Finishing || (state_ == State::Open && !puts_off_sending())) send();
  if (state_ == State::Finishing && in_flight_.is_empty() && outbox_.is_empty()) finish();
  if (state_ == State::Open || state_ == State::Finishing) {
    await_reading();
    if (is_willing() && intake_.has_leftover()) surroundings_.loop.again(socket_.get());
    if (caller_.session && !expiry_deadline_.is_set())
      expiry_deadline_.set(Loop::Clock::now() + surroundings_.settings.expiry_interval);
    expect((is_willing() ? EPOLLIN : 0U) | (is_blocked_ ? EPOLLOUT : 0U));
  }
  if (state_ == State::Closed) surroundings_.forget(*this);
}

void Connection::expect(std::uint32_t events) {
  if (std::exchange(expected_, events) == events) return;
  // Fails for lack of kernel memory only, and then nothing would ever be heard of this socket.
  if (!surroundings_.loop.rewatch(socket_.get(), events)) abandon();
}

Awaited Connection::awaited() const noexcept {
  if (state_ != State::Open) return Awaited::Nothing;
  if (intake_.has_begun()) return Awaited::RestOfRequest;
  if (!has_served_) return Awaited::FirstByte;
  return in_flight_.is_empty() && outbox_.is_empty() ? Awaited::NextRequest : Awaited::Nothing;
}

void Connection::await_reading() {
  const auto counts = is_willing() ? ReadingClock::Counts::Yes : ReadingClock::Counts::No;
  clock_.await(awaited(), counts, surroundings_.loop.last_turn());
  if (const auto due = reading_due())
    reading_deadline_.set(*due);
  else
    reading_deadline_.clear();
}

std::optional<Deadline::Time> Connection::reading_due() const noexcept {
  const auto due = clock_.due(intake_.announced(), surroundings_.settings);
  if (!is_winding_down_ || clock_.awaited() != Awaited::FirstByte) return due;
  return std::min(due.value_or(first_byte_by_), first_byte_by_);
}

}  // namespace strongroom
