// The signals that the service answers to, waited for instead of interrupting.
#pragma once

#include <optional>
#include <stop_token>

#include "base/error.h"
#include "base/unique_fd.h"

namespace strongroom {

// Blocks them for this thread and all that it starts. One thread at a time waits.
class Signals {
 public:
  enum class Kind {
    Stop,    // SIGTERM, SIGINT
    Reload,  // SIGHUP
  };

  // Before other threads start, or they would be interrupted. PsaErrorGenericError.
  static Result<Signals> block();

  // The next signal; nullopt once `ended` is requested. PsaErrorGenericError.
  Result<std::optional<Kind>> wait(const std::stop_token& ended = {});

 private:
  Signals(UniqueFd signals, UniqueFd wake) noexcept
      : signals_(std::move(signals)), wake_(std::move(wake)) {}

  UniqueFd signals_;  // signalfd(2)
  UniqueFd wake_;     // eventfd(2)
};

}  // namespace strongroom
