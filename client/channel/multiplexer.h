// All calls of one user of the library, and the connections that carry them.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <stop_token>
#include <sys/types.h>

#include "client/channel/call.h"
#include "client/channel/channel.h"
#include "client/channel/deadline.h"
#include "client/channel/wake_signal.h"
#include "client/channel/watcher.h"
#include "client/settings.h"

namespace strongroom::client {

// Puts calls on connections, opens these and gives them up, and decides what may be sent again.
// Never waits. Not thread-safe: the drivers, Client's and AsyncClient's, see to that. What is given
// to the constructor outlives it.
//
// Whether the service keeps connections is found out. A connection is proven once it has answered
// two requests; until then one request is in flight at a time, and before one that changes
// something would be the second, a Ping of our own takes its place. A service that closes after the
// first answer is given one connection for each call, and asked again after a minute.
class Multiplexer {
 public:
  static constexpr std::size_t kMostChannels = 64;

  struct Submission {
    EncodedRequest request;
    std::optional<ProviderId> provider;  // nullopt: the call waits for direct()
    Deadline deadline;
    std::stop_token cancellation;
  };

  Multiplexer(const Settings& settings, uid_t euid, Watcher& watcher, WakeSignal& signal) noexcept
      : settings_(settings), euid_(euid), watcher_(watcher), signal_(signal) {}
  Multiplexer(Multiplexer&&) = delete;
  Multiplexer& operator=(Multiplexer&&) = delete;
  ~Multiplexer();

  // Sends it if that is possible. The call may have ended already. Fails when it is too large or
  // there is no memory; then nothing was sent and it never ends.
  ClientResult<std::uint64_t> submit(Submission submission, TimePoint now) noexcept;
  // A call that has ended before it was sent.
  ClientResult<std::uint64_t> submit_ended(ClientError error) noexcept;
  // What the next one of these will be called.
  std::uint64_t next_id() const noexcept { return last_id_ + 1; }
  // Does nothing for a call that has ended.
  void cancel(std::uint64_t id) noexcept;
  // For calls that do not know their provider.
  void direct(ProviderId provider, TimePoint now) noexcept;
  void fail_undirected(const ClientError& error) noexcept;
  bool has_undirected() const noexcept;

  // Reads, writes, connects, and ends what is over.
  void process(TimePoint now) noexcept;
  // When process() is to be called even if no descriptor is ready; may be too early.
  Deadline next_wake() const noexcept { return earlier(next_deadline_, next_attempt_); }

  // All calls end so, and all connections.
  void end_all(const ClientError& error) noexcept;
  // Once there are no calls.
  void close_all() noexcept;

  bool has_ended() const noexcept { return !ended_.empty(); }
  // Each call that was submitted comes out here, once, with its result.
  Calls take_ended() noexcept;

 private:
  enum class Keeping : std::uint8_t { Unknown, Yes, No };
  enum class Step : std::uint8_t { GoOn, Wait };

  using Channels = std::list<Channel>;

  ClientResult<> add(Submission submission);
  void advance(TimePoint now);
  Step place_next(TimePoint now);
  Step place_on(Channels::iterator channel, Calls::iterator call, TimePoint now);
  Step prove(Channel& channel, Calls::iterator waiting);
  Channels::iterator channel_for_next() noexcept;
  // channels_.end() when the service has no room yet.
  ClientResult<Channels::iterator> open_channel(TimePoint now);
  static void put(Channel& channel, Calls& from, Calls::iterator call);

  void read(TimePoint now);
  void watch_sending() noexcept;
  void settle(TimePoint now);
  void learn_from(const Channel& channel, TimePoint now) noexcept;
  void send_again_or_end(Channel& channel);
  bool is_of_use(const Channel& channel) const noexcept;
  bool close_one_without_calls() noexcept;
  Channels::iterator close(Channels::iterator channel) noexcept;
  void end(Calls& from, Calls::iterator call, ClientResult<SecretBytes> result) noexcept;

  enum class Why : std::uint8_t { Timeout, Cancelled };
  void expire(TimePoint now);
  void end_those(const std::function<bool(const Call&)>& claim, Why why);
  ClientError premature_end(const Call& call, Why why) const;
  void end_all_for_lack_of_memory() noexcept;

  const Settings& settings_;
  const uid_t euid_;
  Watcher& watcher_;
  WakeSignal& signal_;

  std::uint64_t last_id_ = 0;
  Calls waiting_;  // not on any connection
  Calls ended_;
  std::list<Channel> channels_;
  Keeping keeping_ = Keeping::Unknown;
  TimePoint ask_again_{};  // while keeping_ is No
  Deadline next_deadline_;
  Deadline next_attempt_;  // to connect
};

}  // namespace strongroom::client
