// The calls of one process under one effective user, from any number of its threads.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <poll.h>
#include <sys/types.h>
#include <vector>

#include "client/channel/deadline.h"
#include "client/channel/descriptor_list.h"
#include "client/channel/multiplexer.h"
#include "client/channel/wake_signal.h"
#include "client/channel/watcher.h"
#include "client/process_identity.h"
#include "client/settings.h"
#include "strongroom/client_error.h"

namespace strongroom::client {

// One of the threads that wait polls for all of them, without the lock; the others sleep until it
// hands them their results, or its office. Every thread sends its own request, under the lock.
class Generation final : private Watcher {
 public:
  Generation(const Settings& settings, ProcessIdentity identity) noexcept;

  // Waits for the result.
  ClientResult<SecretBytes> call(Multiplexer::Submission submission);

  const ProcessIdentity& identity() const noexcept { return identity_; }
  // In a child of fork(): closes this process's copies of the connections, without a word to the
  // service. The locks may be held by threads that are not here, so that nothing else is touched
  // again and the object is never destroyed.
  void leave_to_parent() noexcept { descriptors_.close_all(); }

  // Closes all descriptors unless there are calls.
  void rest() noexcept;

  Generation* next = nullptr;                // in Client's list
  std::atomic<std::uint64_t> last_turn = 0;  // when it became the one in use, counted by Client

 private:
  struct Waiter {
    std::uint64_t id = 0;
    std::optional<ClientResult<SecretBytes>> result;
    std::condition_variable condition;
  };

  // Yields an errno, or 0.
  int open_signal() noexcept;
  void close_signal() noexcept;

  int watch(int descriptor, For events) noexcept override;
  void change(int descriptor, For events) noexcept override;
  void forget(int descriptor) noexcept override;
  pollfd& watched(int descriptor) noexcept;

  void lead(const Waiter& self, std::unique_lock<std::mutex>& lock) noexcept;
  void poll_once(const Waiter& self, std::unique_lock<std::mutex>& lock) noexcept;
  // Why nothing can be polled any more; an errno.
  void give_up(int code) noexcept;
  // `self`: whose thread this is.
  void hand_out_results(const Waiter& self) noexcept;
  void wake(Waiter& waiter) noexcept;
  void wake_leader_if_needed() noexcept;

  const ProcessIdentity identity_;

  std::mutex mutex_;  // guards all that follows
  DescriptorList descriptors_;
  WakeSignal signal_;
  // The signal's comes first. Of a fixed size, so that a leader needs no memory.
  using Polled = std::array<pollfd, Multiplexer::kMostChannels + 1>;
  Polled watched_{};
  std::size_t watched_count_ = 1;
  std::uint64_t changes_of_watched_ = 0;
  Multiplexer multiplexer_;  // tells of its connections to the two above until its end
  std::vector<Waiter*> waiters_;
  const Waiter* leader_ = nullptr;
  Polled polled_{};  // what the leader polls, and until when
  std::uint64_t changes_polled_ = 0;
  Deadline polled_until_;
};

}  // namespace strongroom::client
