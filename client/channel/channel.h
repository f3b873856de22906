// One connection to the service, and the calls that are on it.
#pragma once

#include <cstdint>
#include <optional>
#include <sys/uio.h>
#include <vector>

#include "base/unique_fd.h"
#include "client/channel/answer_reader.h"
#include "client/channel/call.h"
#include "client/channel/deadline.h"
#include "client/channel/watcher.h"

namespace strongroom::client {

// Sends calls in the order in which they are put on it and matches answers, which come in any
// order, by their session. Never waits. Not thread-safe. Functions that read or fail may throw
// std::bad_alloc; the calls are then still here, each once.
class Channel {
 public:
  // Keep: asks the service to keep the connection after each request. Once: carries one call, as
  // Parsec does, without flag and session.
  enum class Manner : std::uint8_t { Keep, Once };
  static constexpr std::size_t kMostInFlight = 64;

  // `socket` is connected and does not block.
  Channel(UniqueFd socket, Manner manner, std::uint32_t max_answer_size);

  int descriptor() const noexcept { return socket_.get(); }
  Manner manner() const noexcept { return manner_; }
  bool was_used() const noexcept { return was_used_; }
  // Answers read so far, those of abandoned calls included.
  unsigned answered() const noexcept { return answered_; }
  TimePoint last_answer() const noexcept { return last_answer_; }
  // Requests that have no answer yet.
  std::size_t in_flight() const noexcept { return places_.size(); }
  // Whether somebody waits for one of them.
  bool has_calls() const noexcept { return !calls_.empty(); }
  bool wants_to_send() const noexcept;
  // Whether further calls may be put on it.
  bool takes_calls() const noexcept { return !fault_ && !is_retired_; }
  bool is_retired() const noexcept { return is_retired_; }
  // Whether it has nothing to do once it has no request in flight.
  bool is_finished() const noexcept {
    return is_retired_ || (manner_ == Manner::Once && answered_ > 0);
  }
  // Why it is over; nullopt while it is not.
  const std::optional<ClientError>& fault() const noexcept { return fault_; }

  // Moves `call` here from `from`. Allocates nothing.
  void put(Calls& from, Calls::iterator call) noexcept;
  // Hands to the kernel what it takes.
  void send();
  // Reads what is there. Calls that were answered end and move to `ended`.
  void receive(Calls& ended, TimePoint now);
  // Moves `call` to `ended`; it has its result. Nothing more of it is sent unless a part of it was;
  // its answer will be dropped.
  void abandon(Calls::iterator call, Calls& ended) noexcept;

  // Moves the calls of which nothing was sent to `to`, in their order, before `before`.
  void take_back_unsent(Calls& to, Calls::iterator before) noexcept;

  Calls& calls() noexcept { return calls_; }
  // What its descriptor is polled for, which follows wants_to_send().
  Watcher::For watched_for() const noexcept { return watched_for_; }
  void set_watched_for(Watcher::For events) noexcept { watched_for_ = events; }

 private:
  // A request that has no answer yet, in the order of sending.
  struct Place {
    std::uint64_t session;
    Calls::iterator call;
    bool is_abandoned;
    bool is_sent;  // to its end
  };
  using Places = std::vector<Place>;
  // A request that was not sent to its end, and how much of it was.
  struct Outgoing {
    const SecretBytes& frame;
    std::size_t& sent;
  };

  void take(ByteView bytes, Calls& ended, TimePoint now);
  void take_answer(AnswerReader::Answer answer, Calls& ended, TimePoint now);
  Places::iterator place_of(const ResponseHeader& header) noexcept;
  void take_unmatched(const ResponseHeader& header, Calls& ended, TimePoint now);
  void take_early(const ResponseHeader& header, std::size_t sent);
  void refuse_the_only_one(Calls& ended);
  void lose(int code);
  Outgoing outgoing(Place& place) noexcept;
  static iovec piece(const Outgoing& request) noexcept;
  bool has_begun(Place& place) noexcept;
  void count_sent(std::size_t bytes) noexcept;

  UniqueFd socket_;
  Manner manner_;
  Calls calls_;
  Places places_;
  // Of the place that was abandoned when a part of it had been sent: there is at most one.
  SecretBytes remainder_;
  std::size_t remainder_sent_ = 0;
  AnswerReader reader_;
  SecretBytes buffer_;
  unsigned answered_ = 0;
  TimePoint last_answer_{};
  bool was_used_ = false;
  bool is_send_broken_ = false;  // nothing more is sent; what was received is still to be read
  bool is_retired_ = false;
  std::optional<Status> blank_refusal_;  // of one of the requests in flight
  std::optional<ClientError> fault_;
  Watcher::For watched_for_ = Watcher::For::Input;
};

}  // namespace strongroom::client
