// Memory for when there is no other.
//
// What a client can ask for may fail: it runs inside attempt(), and a large block that cannot be
// had there is std::bad_alloc, the one exception that crosses functions of ours, up to that call.
// Everything else, and every small block, is served from the reserve then, so that nobody has to be
// written for a failure in the middle: a completion, a destructor, an entry of an index. Only
// requests without a large body are taken on until the reserve is whole again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

#include "base/error.h"

namespace strongroom {

// Of address space; none of it is touched before it is needed.
inline constexpr std::size_t kMemoryReserve = std::size_t{32} * 1024 * 1024;
// Bytes of a block that attempt() goes without.
inline constexpr std::size_t kLargeBlock = std::size_t{32} * 1024;

// For the whole process. PsaErrorInsufficientMemory. Without it no memory is ever short.
Result<> hold_memory_reserve();

// Whether the reserve is gone; takes it back if it can be had.
bool is_memory_short() noexcept;

// For operator new. How many times the reserve has been given up, …
std::uint64_t memory_reserve_uses() noexcept;
// … and whether a block of `size` bytes that was not to be had may be asked for again: the reserve
// was still there, or another thread has given it up since it had been `uses` times.
bool make_room(std::size_t size, std::uint64_t uses) noexcept;

// While one lives, this thread goes without large blocks.
class GoingWithout {
 public:
  GoingWithout() noexcept;
  GoingWithout(const GoingWithout&) = delete;
  GoingWithout& operator=(const GoingWithout&) = delete;
  ~GoingWithout();
};

// False when `work` ended for lack of memory. Objects that it was destroying or moving then are in
// the state that their own functions leave them in.
template <typename Work>
[[nodiscard]] bool attempt(Work&& work) {
  const GoingWithout without;
  try {
    std::forward<Work>(work)();
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

}  // namespace strongroom
