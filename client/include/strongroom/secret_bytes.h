// Byte strings that are wiped when they are released, for applications that do not link libcrypto.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <vector>

namespace strongroom {

// Overwrites memory before it goes back to the heap, also when a vector outgrows it.
template <typename T>
struct WipingAllocator {
  using value_type = T;

  WipingAllocator() noexcept = default;
  template <typename U>
  explicit(false) WipingAllocator(const WipingAllocator<U>& /*other*/) noexcept {}

  T* allocate(std::size_t count) { return std::allocator<T>().allocate(count); }
  void deallocate(T* memory, std::size_t count) noexcept {
    ::explicit_bzero(memory, count * sizeof(T));
    std::allocator<T>().deallocate(memory, count);
  }
  bool operator==(const WipingAllocator&) const noexcept = default;
};

using SecretBytes = std::vector<std::byte, WipingAllocator<std::byte>>;

}  // namespace strongroom
