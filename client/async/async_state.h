// What stands behind an AsyncClient.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>

#include "base/unique_fd.h"
#include "client/channel/deadline.h"
#include "client/channel/descriptor_list.h"
#include "client/channel/multiplexer.h"
#include "client/channel/wake_signal.h"
#include "client/channel/watcher.h"
#include "client/process_identity.h"
#include "client/settings.h"
#include "strongroom/async_client.h"

namespace strongroom {

// Owned by one thread; it outlives the AsyncClient until process() returns, when a callback
// destroys that, and in a child of fork() for ever.
struct AsyncClient::State final : private client::Watcher,
                                  public std::enable_shared_from_this<State> {
 public:
  State(client::Settings checked, std::optional<ProviderId> chosen);
  State(State&&) = delete;
  State& operator=(State&&) = delete;
  ~State() override = default;

  // Makes what descriptor() needs.
  ClientResult<> prepare() noexcept;
  int descriptor() const noexcept { return epoll_.get(); }
  const std::string& socket_path() const noexcept { return settings_.socket_path; }

  // May throw std::bad_alloc; the call is then not begun.
  ClientResult<CallId> begin(ClientResult<detail::EncodedRequest> request,
                             std::unique_ptr<Pending> pending, const CallOptions& options);
  void cancel(CallId call) noexcept;
  void process();
  // No callback runs any more.
  void close() noexcept;

 private:
  using PendingCalls = std::unordered_map<std::uint64_t, std::unique_ptr<Pending>>;
  class Batch;

  bool is_of_this_process() const noexcept {
    return identity_.process == client::Process::current();
  }
  // Closes this process's copies of what can be told from the program's own; the rest, and what
  // stop tokens refer to, stays.
  void leave_to_parent() noexcept;

  int watch(int descriptor, For events) noexcept override;
  void change(int descriptor, For events) noexcept override;
  void forget(int descriptor) noexcept override;

  ClientResult<std::uint64_t> submit(detail::EncodedRequest request, const CallOptions& options);
  void look_for_provider() noexcept;
  void end_lookup(const client::Call& lookup) noexcept;
  void drain() noexcept;
  void collect() noexcept;
  // Makes the descriptor readable when and as soon as there is something to do.
  void attend() noexcept;

  const client::Settings settings_;
  const client::ProcessIdentity identity_ = client::ProcessIdentity::current();
  std::optional<ProviderId> provider_;
  UniqueFd epoll_;
  UniqueFd timer_;
  client::Deadline armed_;  // when the timer goes off
  client::DescriptorList descriptors_;
  client::WakeSignal signal_;
  client::Multiplexer multiplexer_;
  PendingCalls pending_;
  client::Calls ready_;  // whose callbacks are to run
  // The request for the list of providers that calls wait for; its identity is 0 when there is
  // none.
  std::uint64_t lookup_ = 0;
  std::optional<detail::Decode<std::vector<ProviderInfo>>> decode_lookup_;
  bool is_closed_ = false;
  std::shared_ptr<State> itself_;  // once it is left to its parent
  State* next_left_ = nullptr;
  static inline std::atomic<State*> left_to_parents_ = nullptr;
};

}  // namespace strongroom
