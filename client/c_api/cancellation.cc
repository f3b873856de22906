#include "client/c_api/cancellation.h"

#include <memory>
#include <utility>

namespace strongroom::c_api {

Cancellation::~Cancellation() {
  Source* last = source_.load();
  if (last != nullptr && last->process == client::Process::current()) delete last;
}

Cancellation::Source& Cancellation::source() {
  Source* known = source_.load(std::memory_order_acquire);
  while (known == nullptr || known->process != client::Process::current()) {
    auto made = std::make_unique<Source>(known);
    if (source_.compare_exchange_strong(known, made.get(), std::memory_order_acq_rel))
      return *made.release();
  }
  return *known;
}

std::stop_token Cancellation::token() {
  Source& ours = source();
  const std::lock_guard lock(ours.mutex);
  return ours.stop.get_token();
}

void Cancellation::request_stop() {
  Source& ours = source();
  std::stop_source next;
  {
    const std::lock_guard lock(ours.mutex);
    std::swap(ours.stop, next);
  }
  next.request_stop();
}

}  // namespace strongroom::c_api
