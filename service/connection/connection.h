// One client's connection: a request in, its response out, close.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <sys/epoll.h>

#include "base/unique_fd.h"
#include "service/connection/connection_settings.h"
#include "service/connection/exchange.h"
#include "service/connection/frame_reader.h"
#include "service/connection/incoming.h"
#include "service/connection/outgoing.h"
#include "service/front_end/request_server.h"
#include "service/loop/loop.h"

namespace strongroom {

class Connection;

// What the connections of one loop have in common. Outlives them. A reload changes server and
// settings: from the next request on they are the new ones.
struct Surroundings {
  Loop& loop;
  std::shared_ptr<const RequestServer> server;
  ConnectionSettings settings;
  // What is read goes here first; wiped after each read. kBufferStep bytes.
  MutableByteView scratch;
  Slice slice = {};  // renewed with each turn of the loop
  // Destroys the connection, which is closed.
  std::function<void(Connection&)> forget;
};

// Belongs to its loop's thread. Moves through these states, some of which take no time:
//
//   Reading ──► Serving ──► Writing ──► Draining ──► Closed
//      │           └────► Abandoned ────────────────────┘
//      └── refused ────────────┘
//
// Draining is for clients that are still writing when they are answered: closing with unread bytes
// would turn their answer into ECONNRESET. A peer that is gone (EPOLLHUP, EPOLLERR) closes at once;
// one that has only ended its half of the stream still gets its answer. Abandoned waits for the
// service to be done with the request of a peer that is gone: until then the seat stays taken, or
// those who hang up after each request could have any number of them queued.
class Connection final : private Watcher, private AnswerReceiver {
 public:
  Connection(UniqueFd socket, Caller caller, Charge seat, Surroundings& surroundings);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Once. ConnectionError when the kernel does not watch the socket.
  Result<> start();

  // The service stops: closes unless a request has begun to arrive whose peer waits for the answer.
  // May destroy this.
  void wind_down();

 private:
  enum class State { Reading, Serving, Abandoned, Writing, Draining, Closed };
  enum class Unread { None, Possible };

  void on_ready(std::uint32_t events) override;
  void on_answer(Answer answer) override;
  void on_deadline();

  void read();
  void take(ByteView arrived);
  void extend_deadline();
  void refuse(const Error& error);
  void serve();
  void answer(Answer answer);
  void write();
  void finish_writing();
  void drain();
  void abandon();
  void close();

  void expect(std::uint32_t events);
  // Within `timeout`, counted from the first time since disarm().
  void expect(std::uint32_t events, ConnectionSettings::Duration timeout);
  void arm(Loop::Clock::time_point due);
  void disarm();
  void settle();

  const UniqueFd socket_;
  const Caller caller_;
  const Charge seat_;
  Surroundings& surroundings_;
  State state_ = State::Reading;
  std::uint32_t expected_ = EPOLLIN;
  std::optional<Loop::TimerId> deadline_;
  Loop::Clock::time_point begun_;  // when the first byte of the request came
  FrameReader reader_;
  Unread unread_ = Unread::Possible;
  std::shared_ptr<Exchange> exchange_;  // while Serving or Abandoned
  std::stop_source gone_{std::nostopstate};
  Outgoing outgoing_;
  std::size_t drained_ = 0;  // bytes
};

}  // namespace strongroom
