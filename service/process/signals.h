// The signals that the service answers to, waited for instead of interrupting.
#pragma once

#include "base/error.h"
#include "base/unique_fd.h"

namespace strongroom {

// Blocks them for this thread and all that it starts; belongs to one thread.
class Signals {
 public:
  enum class Kind {
    Stop,    // SIGTERM, SIGINT
    Reload,  // SIGHUP
  };

  // Before other threads start, or they would be interrupted. PsaErrorGenericError.
  static Result<Signals> block();

  // Readable when wait() would not wait (signalfd(2)).
  int descriptor() const noexcept { return descriptor_.get(); }
  Result<Kind> wait();

 private:
  explicit Signals(UniqueFd descriptor) noexcept : descriptor_(std::move(descriptor)) {}
  UniqueFd descriptor_;
};

}  // namespace strongroom
