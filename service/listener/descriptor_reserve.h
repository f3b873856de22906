// Descriptors kept back for administrators.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "base/error.h"
#include "base/unique_fd.h"

namespace strongroom {

// Holds descriptors that are open for nothing. When no other is left, a listener of administrators
// gives some up for the connection it accepts. Until as many are held again other listeners accept
// nothing, so that what an administrator's connection gives back is not another's. Any thread.
class DescriptorReserve {
 public:
  // ConnectionError when there are not so many.
  static Result<std::shared_ptr<DescriptorReserve>> create(std::size_t count);

  // Two are free then, one for a connection and one for the process at its other end; for as long
  // as nobody else takes them. False when none is held.
  bool give_up();
  // Takes back what was given up, as far as possible. Whether all are held.
  bool refill();

 private:
  explicit DescriptorReserve(std::size_t count) noexcept : count_(count) {}

  const std::size_t count_;
  std::atomic<bool> is_whole_ = false;
  std::mutex mutex_;  // guards held_
  std::vector<UniqueFd> held_;
};

}  // namespace strongroom
