#include "base/memory_reserve.h"

#include <atomic>
#include <sys/mman.h>

#include "base/errno_text.h"

namespace strongroom {
namespace {

// Of one process, because memory is.
std::atomic<void*> reserve = nullptr;
std::atomic<bool> is_held = false;  // since the start, whether it is there now or not
std::atomic<std::uint64_t> uses = 0;

thread_local int attempts = 0;

void* map_reserve() noexcept {
  void* mapped = ::mmap(nullptr, kMemoryReserve, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return mapped == MAP_FAILED ? nullptr : mapped;
}

bool give_up() noexcept {
  void* mapped = reserve.exchange(nullptr);
  if (mapped == nullptr) return false;
  ::munmap(mapped, kMemoryReserve);
  ++uses;
  return true;
}

}  // namespace

Result<> hold_memory_reserve() {
  is_held = true;
  if (!is_memory_short()) return {};
  return fail(Status::PsaErrorInsufficientMemory,
              fmt::format("holding memory in reserve: {}", errno_text()));
}

bool is_memory_short() noexcept {
  if (reserve.load(std::memory_order_relaxed) != nullptr || !is_held) return false;
  void* mapped = map_reserve();
  if (mapped == nullptr) return true;
  // Another thread may have had the same thought.
  void* none = nullptr;
  if (!reserve.compare_exchange_strong(none, mapped)) ::munmap(mapped, kMemoryReserve);
  return false;
}

std::uint64_t memory_reserve_uses() noexcept {
  return uses;
}

bool make_room(std::size_t size, std::uint64_t uses_before) noexcept {
  if (size >= kLargeBlock && attempts > 0) return false;
  return uses != uses_before || give_up();
}

GoingWithout::GoingWithout() noexcept {
  ++attempts;
}
GoingWithout::~GoingWithout() {
  --attempts;
}

}  // namespace strongroom
