// What stands behind all Clients that share a connection.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <utility>

#include "client/channel/deadline.h"
#include "client/settings.h"
#include "client/sync/generation.h"
#include "strongroom/client.h"

namespace strongroom {

// Any thread. Connections belong to a process and an effective user; for each such pair that makes
// a call there is a generation, pushed to a list without a lock, since a lock may have been held
// when the process forked. One whose identity comes back is used again.
struct Client::State {
  explicit State(client::Settings checked) noexcept : settings(std::move(checked)) {}
  State(State&&) = delete;
  State& operator=(State&&) = delete;
  ~State();

  // That of the calling thread. Both may throw std::bad_alloc.
  client::Generation& generation();
  client::Generation& find_generation();
  // Those of this process that have not been in use for some turns give up their descriptors.
  void take_turn(client::Generation& mine) noexcept;
  // The one that the service prefers; asked for at the first need. Two threads that ask at once get
  // the same answer. May throw std::bad_alloc.
  ClientResult<ProviderId> find_provider(client::Deadline deadline,
                                         const std::stop_token& cancellation);

  static constexpr int kUnknown = -1;

  const client::Settings settings;
  std::atomic<int> default_provider = kUnknown;
  std::atomic<client::Generation*> generations = nullptr;
  std::atomic<client::Generation*> in_use = nullptr;
  std::atomic<std::uint64_t> turns = 0;
};

}  // namespace strongroom
