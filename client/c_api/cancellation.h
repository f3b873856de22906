// What ends the calls of a handle.
#pragma once

#include <atomic>
#include <mutex>
#include <stop_token>

#include "client/process_identity.h"

namespace strongroom::c_api {

// Any thread. There is one source of stops for each process: the locks of the one before may have
// been held when it forked, so that it is neither used nor destroyed in the child.
class Cancellation {
 public:
  Cancellation() noexcept = default;
  Cancellation(Cancellation&&) = delete;
  Cancellation& operator=(Cancellation&&) = delete;
  ~Cancellation();

  // Of the calls that begin now. Both may throw std::bad_alloc.
  std::stop_token token();
  // Of all calls that have begun.
  void request_stop();

 private:
  struct Source {
    explicit Source(Source* inherited) noexcept : parents(inherited) {}

    const client::Process process = client::Process::current();
    std::mutex mutex;  // guards `stop`
    std::stop_source stop;
    Source* const parents;
  };

  Source& source();

  std::atomic<Source*> source_ = nullptr;
};

}  // namespace strongroom::c_api
