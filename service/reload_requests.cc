#include "service/reload_requests.h"

#include <utility>

namespace strongroom {

void ReloadRequests::ask(Done done) {
  {
    const std::lock_guard lock(mutex_);
    if (is_closed_) return;
    waiting_.push_back(std::move(done));
  }
  wake_();
}

std::vector<Reloads::Done> ReloadRequests::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(waiting_, {});
}

void ReloadRequests::close() {
  std::vector<Done> dropped;  // outside the lock
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  dropped.swap(waiting_);
}

}  // namespace strongroom
