// Messages in memory: some of them hold PINs, keys and texts.
#pragma once

#include <algorithm>
#include <memory>

#include "base/bytes.h"
#include "base/secret_buffer.h"

namespace strongroom::token_worker {

// Grows like a vector, without filling what is to be written; wipes what it gives back. Kept by one
// thread at a time, and used again for one message after the other.
class WipedBytes {
 public:
  WipedBytes() = default;
  WipedBytes(WipedBytes&&) = delete;
  ~WipedBytes() { wipe(view()); }

  ByteView view() const noexcept { return {data_.get(), size_}; }
  MutableByteView view() noexcept { return {data_.get(), size_}; }
  std::size_t size() const noexcept { return size_; }

  // Room for `count` more bytes, which hold anything.
  MutableByteView extend(std::size_t count) {
    if (capacity_ - size_ < count) grow(size_ + count);
    size_ += count;
    return view().last(count);
  }
  void append(ByteView bytes) { std::ranges::copy(bytes, extend(bytes.size()).begin()); }
  // The last ones of extend(), into which nothing was written.
  void take_back(std::size_t count) noexcept { size_ -= count; }
  // Keeps the first `size` bytes.
  void shrink_to(std::size_t size) noexcept {
    wipe(view().subspan(size));
    size_ = size;
  }
  // Also gives back the memory of an exceptionally large message.
  void clear() noexcept {
    shrink_to(0);
    if (capacity_ <= kKept) return;
    data_.reset();
    capacity_ = 0;
  }

 private:
  static constexpr std::size_t kKept = std::size_t{64} * 1024;
  static constexpr std::size_t kLeast = 4096;

  void grow(std::size_t needed) {
    std::size_t capacity = std::max({needed, capacity_ * 2, kLeast});
    auto larger = std::make_unique_for_overwrite<std::byte[]>(capacity);
    std::ranges::copy(view(), larger.get());
    wipe(view());
    data_ = std::move(larger);
    capacity_ = capacity;
  }

  std::unique_ptr<std::byte[]> data_;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
};

}  // namespace strongroom::token_worker
