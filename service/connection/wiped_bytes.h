// Bytes of requests and responses, which may be somebody's plaintext or key.
#pragma once

#include <utility>

#include "base/bytes.h"
#include "base/secret_buffer.h"

namespace strongroom {

// Ordinary memory, wiped on release: frames are too large for the secure heap.
class WipedBytes {
 public:
  WipedBytes() noexcept = default;
  explicit WipedBytes(Bytes bytes) noexcept : bytes_(std::move(bytes)) {}
  WipedBytes(WipedBytes&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  WipedBytes& operator=(WipedBytes&& other) noexcept {
    bytes_.swap(other.bytes_);
    return *this;
  }
  ~WipedBytes() { wipe(bytes_); }

  ByteView view() const noexcept { return bytes_; }
  std::size_t size() const noexcept { return bytes_.size(); }

 private:
  Bytes bytes_;
};

}  // namespace strongroom
