#include "service/listener/descriptor_reserve.h"

#include <sys/eventfd.h>

#include "service/loop/system_error.h"

namespace strongroom {

Result<std::shared_ptr<DescriptorReserve>> DescriptorReserve::create(std::size_t count) {
  std::shared_ptr<DescriptorReserve> reserve(new DescriptorReserve(count));
  reserve->held_.reserve(count);
  if (!reserve->refill())
    return std::unexpected(system_error("opening descriptors to hold in reserve"));
  return reserve;
}

bool DescriptorReserve::give_up() {
  const std::lock_guard lock(mutex_);
  if (held_.empty()) return false;
  is_whole_ = false;
  held_.pop_back();
  if (!held_.empty()) held_.pop_back();
  return true;
}

bool DescriptorReserve::refill() {
  if (is_whole_) return true;
  const std::lock_guard lock(mutex_);
  while (held_.size() < count_) {
    // Not copies of one: where the whole system has no file left, each has to be one.
    UniqueFd more(::eventfd(0, EFD_CLOEXEC));
    if (!more) return false;
    held_.push_back(std::move(more));
  }
  is_whole_ = true;
  return true;
}

}  // namespace strongroom
