// What a multiplexer tells of its connections to whoever polls for it.
#pragma once

#include <cstdint>

namespace strongroom::client {

class Watcher {
 public:
  enum class For : std::uint8_t { Input, InputAndOutput };

  virtual ~Watcher() = default;
  // From now on `descriptor` is to be polled. Yields an errno, or 0.
  virtual int watch(int descriptor, For events) noexcept = 0;
  // It was watched; nothing can fail.
  virtual void change(int descriptor, For events) noexcept = 0;
  // It is about to be closed.
  virtual void forget(int descriptor) noexcept = 0;
};

}  // namespace strongroom::client
