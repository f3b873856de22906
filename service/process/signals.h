// The signals that the service answers to, waited for instead of interrupting.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>

#include "base/error.h"
#include "base/unique_fd.h"

namespace strongroom {

// Blocks them for this thread and all that it starts. One thread at a time waits. Several of one
// kind that come before they are waited for are one.
class Signals {
 public:
  enum class Kind {
    Stop,    // SIGTERM, SIGINT
    Reload,  // SIGHUP, or ask_to_reload()
  };
  using Duration = std::chrono::milliseconds;

  // Before other threads start, or they would be interrupted. PsaErrorGenericError.
  static Result<Signals> block();

  // The next signal, a stop before a reload; empty when none comes in time. PsaErrorGenericError.
  Result<std::optional<Kind>> wait(Duration timeout);
  // Any thread. As SIGHUP; several before it is waited for are one.
  void ask_to_reload() noexcept;
  // Whether a stop comes before `timeout` is over or `ended` requested. A reload waits meanwhile.
  // PsaErrorGenericError.
  Result<bool> wait_for_stop(Duration timeout, const std::stop_token& ended = {});

 private:
  Signals(UniqueFd stops, UniqueFd reloads, UniqueFd asked, UniqueFd wake) noexcept
      : stops_(std::move(stops)),
        reloads_(std::move(reloads)),
        asked_(std::move(asked)),
        wake_(std::move(wake)) {}

  UniqueFd stops_;  // signalfd(2)
  UniqueFd reloads_;
  UniqueFd asked_;  // eventfd(2)
  UniqueFd wake_;   // eventfd(2)
};

}  // namespace strongroom
