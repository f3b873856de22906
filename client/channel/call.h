// One request on its way, and what became of it.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <optional>
#include <stop_token>

#include "client/access.h"
#include "client/channel/deadline.h"
#include "client/channel/wake_signal.h"
#include "protocol/opcode.h"
#include "strongroom/client_error.h"
#include "strongroom/request.h"

namespace strongroom::client {

using detail::EncodedRequest;

// Moves from list to list, so that nothing is allocated when a call ends.
struct Call {
  struct RequestStop {
    Call* call;
    WakeSignal* signal;
    void operator()() const noexcept {
      call->is_stopped.store(true, std::memory_order_relaxed);
      signal->raise_for_stop();
    }
  };

  explicit Call(std::uint64_t number) noexcept : id(number) {}
  Call(Call&&) = delete;
  Call& operator=(Call&&) = delete;
  ~Call() = default;

  bool changes_something() const noexcept {
    return request.effect == EncodedRequest::Effect::Changes;
  }
  bool is_bound_to_its_connection() const noexcept {
    return request.effect == EncodedRequest::Effect::OnConnection;
  }
  // Whether it is known which provider it goes to.
  bool is_directed() const noexcept { return provider.has_value(); }

  void end(ClientResult<SecretBytes> with) noexcept {
    if (!with && with.error().source() != ErrorSource::Service && changes_something() && sent > 0)
      detail::Access::mark_outcome_unknown(with.error());
    on_stop.reset();
    result.emplace(std::move(with));
  }

  const std::uint64_t id;    // its session on kept connections; not 0
  EncodedRequest request{};  // `frame`: header, body, authentication
  AuthType auth_type = AuthType::NoAuth;
  std::uint16_t auth_size = 0;
  std::optional<ProviderId> provider;
  Deadline deadline;
  bool is_ours = false;  // nobody waits for its answer

  std::size_t sent = 0;  // bytes of the frame that the kernel took, on the connection it is on
  int attempts = 0;      // connections that it was put on
  std::optional<ClientResult<SecretBytes>> result;

  std::atomic<bool> is_stopped = false;
  std::optional<std::stop_callback<RequestStop>> on_stop;
};

using Calls = std::list<Call>;

}  // namespace strongroom::client
