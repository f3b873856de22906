// One client of a load: a connection at a time, with up to `depth` requests in flight on it.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "tests/bench/tally.h"
#include "tests/bench/task.h"

namespace strongroom::bench {

enum class Mode { Kept, Connecting };

// What the clients of a load have in common. Outlives them.
struct Ground {
  std::string socket;
  Mode mode = Mode::Kept;
  std::size_t depth = 1;
  int epoll = -1;
  Tally tally;
  // Every answer that is as long as it should be; `body` is valid during the call.
  std::function<void(const Task&, Clock::time_point intended, ByteView body)> answered;
};

// A blocking connect; an empty descriptor when it fails.
UniqueFd connect_to(const std::string& path);

// One thread. The session handle of a request says which of those in flight it is, and in its upper
// half how long the answer should be: that is what the echo server goes by.
class LoadClient {
 public:
  explicit LoadClient(Ground& ground);

  // `rest` is what follows the header. Connects when there is no connection; false when that
  // fails.
  bool start(const Task& task, std::shared_ptr<const Bytes> rest, Clock::time_point intended);
  bool has_room() const { return in_flight_ < slots_.size(); }
  std::size_t in_flight() const { return in_flight_; }
  // Sends what was started, as far as the socket takes it.
  void send();
  void on_ready(std::uint32_t events);

 private:
  struct Slot {
    const Task* task = nullptr;  // null: free
    std::uint64_t session = 0;
    Clock::time_point intended;
  };
  struct Outgoing {
    HeaderBytes header;
    std::shared_ptr<const Bytes> rest;
    std::size_t sent = 0;
    std::size_t size() const { return header.size() + rest->size(); }
  };

  bool connect();
  void disconnect();
  void expect(std::uint32_t events);
  void receive();
  void take_answers();
  void take(const ResponseHeader& header, ByteView body);
  void on_end();

  Ground& ground_;
  UniqueFd socket_;
  std::uint32_t expected_ = 0;
  std::vector<Slot> slots_;
  std::size_t in_flight_ = 0;
  std::uint32_t sequence_ = 0;
  std::uint64_t answers_ = 0;  // on this connection
  std::deque<Outgoing> outgoing_;
  Bytes arrived_;  // the first `filled_` bytes
  std::size_t filled_ = 0;
};

}  // namespace strongroom::bench
