#include "service/connection/connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/secret_buffer.h"

namespace strongroom {

Connection::Connection(UniqueFd socket, Caller caller, Charge seat, Surroundings& surroundings)
    : socket_(std::move(socket)),
      caller_(std::move(caller)),
      seat_(std::move(seat)),
      surroundings_(surroundings) {}

Connection::~Connection() {
  close();
}

Result<> Connection::start() {
  TRY(surroundings_.loop.watch(socket_.get(), expected_, *this));
  arm(Loop::Clock::now() + surroundings_.settings.request_timeout);
  return {};
}

void Connection::wind_down() {
  // What has been sent but not yet noticed counts as begun.
  if (state_ == State::Reading && !reader_.has_begun()) read();
  if (state_ == State::Reading && !reader_.has_begun()) close();
  if (state_ == State::Abandoned) close();
  settle();
}

void Connection::on_ready(std::uint32_t events) {
  const bool is_gone = (events & (EPOLLHUP | EPOLLERR)) != 0;
  if (state_ == State::Draining) {
    // EPOLLHUP says here only that both sides have ended their half.
    drain();
  } else if (is_gone && state_ == State::Serving) {
    abandon();
  } else if (is_gone) {
    close();
  } else if (state_ == State::Reading) {
    read();
  } else if (state_ == State::Writing) {
    write();
  }
  settle();
}

void Connection::on_answer(Answer given) {
  if (state_ == State::Abandoned)
    close();
  else
    answer(std::move(given));
  settle();
}

void Connection::on_deadline() {
  deadline_.reset();
  if (state_ == State::Reading) {
    refuse(Error(Status::ConnectionError, "reading a request: not complete in time"));
  } else {
    if (state_ == State::Writing)
      log::debug("connection", "uid={} closed: does not read its answer", caller_.peer.uid);
    close();
  }
  settle();
}

void Connection::read() {
  Incoming incoming = receive_from(socket_.get(), surroundings_.scratch);
  switch (incoming.kind) {
    case Incoming::Kind::Nothing: return;
    case Incoming::Kind::PeerGone: return close();
    case Incoming::Kind::EndOfStream:
      unread_ = Unread::None;
      return refuse(Error(Status::ConnectionError, "reading a request: it ends early"));
    case Incoming::Kind::Arrived: take(incoming.bytes);
  }
  wipe(incoming.bytes);
}

void Connection::take(ByteView arrived) {
  if (!reader_.has_begun()) begun_ = Loop::Clock::now();
  Result<std::size_t> taken = reader_.take(arrived, *surroundings_.server);
  if (!taken) return refuse(taken.error());
  if (!reader_.is_complete()) return extend_deadline();
  // Nothing after the request is expected, and nothing after it is looked at.
  if (*taken == arrived.size()) unread_ = Unread::None;
  serve();
}

void Connection::extend_deadline() {
  const ConnectionSettings& settings = surroundings_.settings;
  const auto steps =
      static_cast<std::int64_t>((reader_.announced() + kBufferStep - 1) / kBufferStep);
  arm(begun_ + settings.request_timeout + steps * settings.request_timeout_per_step);
}

void Connection::refuse(const Error& error) {
  answer({OwnedResponse(surroundings_.server->refuse(error, caller_))});
}

void Connection::serve() {
  disarm();
  state_ = State::Serving;
  gone_ = std::stop_source();
  AnswerReceiver& receiver = *this;
  exchange_ = std::make_shared<Exchange>(surroundings_.loop.mailbox(), receiver);
  surroundings_.server->serve(reader_.finish(), caller_, surroundings_.slice, gone_.get_token(),
                              exchange_->make_respond());
  if (std::optional<Answer> early = exchange_->end_of_call()) return answer(std::move(*early));
  expect(0);  // still told when the peer is gone
}

void Connection::answer(Answer given) {
  exchange_.reset();
  disarm();
  if (!given.response) return close();
  outgoing_ = Outgoing(std::move(*given.response));
  state_ = State::Writing;
  write();
}

void Connection::write() {
  switch (outgoing_.send_to(socket_.get())) {
    case Outgoing::Progress::Blocked: return expect(EPOLLOUT, surroundings_.settings.write_timeout);
    case Outgoing::Progress::PeerGone: return close();
    case Outgoing::Progress::AllSent: return finish_writing();
  }
}

void Connection::finish_writing() {
  disarm();
  state_ = State::Draining;
  drain();
  if (state_ == State::Closed) return;
  outgoing_ = Outgoing();
  ::shutdown(socket_.get(), SHUT_WR);
  expect(EPOLLIN, surroundings_.settings.drain_timeout);
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
  state_ = State::Abandoned;
  surroundings_.loop.unwatch(socket_.get());
  gone_.request_stop();
}

void Connection::close() {
  if (state_ == State::Closed) return;
  state_ = State::Closed;
  disarm();
  surroundings_.loop.unwatch(socket_.get());
  if (exchange_) {
    exchange_->abandon();
    gone_.request_stop();
  }
}

void Connection::expect(std::uint32_t events) {
  if (events == expected_) return;
  expected_ = events;
  // Fails for lack of kernel memory only, and then nothing would ever be heard of this socket.
  if (!surroundings_.loop.rewatch(socket_.get(), events)) close();
}

void Connection::expect(std::uint32_t events, ConnectionSettings::Duration timeout) {
  if (!deadline_) arm(Loop::Clock::now() + timeout);
  expect(events);
}

void Connection::arm(Loop::Clock::time_point due) {
  if (deadline_ && deadline_->due == due) return;
  disarm();
  deadline_ = surroundings_.loop.at(due, [this] { on_deadline(); });
}

void Connection::disarm() {
  if (deadline_) surroundings_.loop.cancel(*deadline_);
  deadline_.reset();
}

void Connection::settle() {
  if (state_ == State::Closed) surroundings_.forget(*this);
}

}  // namespace strongroom
