// One client's connection: requests in, their responses out, close.
#pragma once

#include <sys/epoll.h>

#include "base/unique_fd.h"
#include "service/connection/deadline.h"
#include "service/connection/exchange.h"
#include "service/connection/in_flight.h"
#include "service/connection/intake/intake.h"
#include "service/connection/outbox.h"
#include "service/connection/reading_clock.h"
#include "service/connection/room_waiters.h"
#include "service/connection/surroundings.h"
#include "service/loop/loop.h"

namespace strongroom {

// Belongs to its loop's thread. Moves through these states:
//
//   Open ──► Finishing ──► Draining ──► Closed
//     └──────────┴──► Abandoned ──────────┘
//
// Open: requests are read, at most one in a turn of the loop, and answered in any order. Reading
// pauses between them at a limit: of requests in flight, of the principal's account, of answers
// that the client has not taken. Finishing: nothing more is read, because a request did not ask to
// keep the connection, or was none, or the stream has ended, or the connection has; what is in
// flight is answered. Draining is for clients that are still writing when they are answered:
// closing with unread bytes would turn their answer into ECONNRESET.
//
// A peer that is gone (EPOLLHUP, EPOLLERR), or does not take its answers, is closed at once; one
// that has only ended its half of the stream still gets its answers. Abandoned waits for the
// service to be done with what is in flight: until then the seat stays taken, or those who hang up
// after each request could have any number of them queued.
class Connection final : private Watcher, private AnswerReceiver, private RoomWaiter {
 public:
  Connection(UniqueFd socket, Caller caller, Charge seat, Surroundings& surroundings);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Once. ConnectionError when the kernel does not watch the socket.
  Result<> start();

  // All that follow may destroy this.

  // Serves what has begun to arrive, whose peer waits for the answer, and nothing after it. A peer
  // that has only just connected may begin its one request within `grace`.
  void wind_down(Loop::Clock::duration grace);
  // What on_answer() brought.
  void send_answers();

  const Caller& caller() const noexcept { return caller_; }

 private:
  enum class State { Open, Finishing, Draining, Abandoned, Closed };
  enum class Unread { None, Possible };

  void on_ready(std::uint32_t events) override;
  void on_out_of_memory() override;
  void on_answer(const Exchange& exchange, Answer answer) override;
  void on_room() override;
  void on_reading_deadline();
  void on_writing_deadline();
  void on_expiry_deadline();

  bool is_willing() const noexcept;
  bool is_let_read();
  void take_turn();
  void read();
  void judge(const Result<>& taken);
  void serve();
  bool is_kept_after(const Request& request) const noexcept;
  void take_answer(const Exchange& exchange, Answer answer);
  void refuse(const Error& error);
  void on_end_of_stream();

  bool puts_off_sending() const noexcept;
  void send();
  void end_reading();
  void finish();
  void drain();
  void abandon();
  void close();
  void release();

  // Ends each call from outside: does, expects and waits for what the state now asks for. May
  // destroy this.
  void settle();
  void expect(std::uint32_t events);
  Awaited awaited() const noexcept;
  std::optional<Deadline::Time> reading_due() const noexcept;
  void await_reading();

  UniqueFd socket_;
  const Caller caller_;
  const Charge seat_;
  Surroundings& surroundings_;
  State state_ = State::Open;
  std::uint32_t expected_ = EPOLLIN;

  Intake intake_;
  ReadingClock clock_;
  Deadline reading_deadline_;  // of draining, too
  bool has_served_ = false;    // a request
  bool waits_for_room_ = false;
  bool is_winding_down_ = false;
  Deadline::Time first_byte_by_{};    // while winding down
  Unread unread_ = Unread::Possible;  // once nothing more is read
  std::size_t drained_ = 0;           // bytes

  InFlight in_flight_;
  Outbox outbox_;
  Deadline writing_deadline_;
  bool is_blocked_ = false;   // the socket took less than there was
  bool has_answers_ = false;  // stands in surroundings_.answered

  Deadline expiry_deadline_;  // while the server keeps a session
};

}  // namespace strongroom
