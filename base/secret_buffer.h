// Bytes that must not outlive their use.
#pragma once

#include <cstddef>
#include <functional>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"

namespace strongroom {

// Wiped on release, never copied by accident, and without a formatter so that it cannot be logged.
// Up to 16 KiB live on the OpenSSL secure heap when the process has one
// (CRYPTO_secure_malloc_init), larger ones in ordinary memory. Owned by one thread at a time; a
// const one may be read by many.
class SecretBuffer {
 public:
  static constexpr std::size_t kSecureHeapLimit = std::size_t{16} * 1024;

  SecretBuffer() noexcept = default;
  SecretBuffer(SecretBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  SecretBuffer& operator=(SecretBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~SecretBuffer();

  // Zero-filled. PsaErrorInsufficientMemory when there is no room and nothing could be released.
  static Result<SecretBuffer> of_size(std::size_t bytes);
  static Result<SecretBuffer> copy_of(ByteView source);
  // From OpenSSL's private generator, which the kernel seeds. PsaErrorInsufficientEntropy.
  static Result<SecretBuffer> random(std::size_t bytes);

  // Every read of a secret goes through these names, so that one grep finds them.
  ByteView reveal() const noexcept { return {data_, size_}; }
  MutableByteView reveal_mutable() noexcept { return {data_, size_}; }
  std::size_t size() const noexcept { return size_; }
  bool is_empty() const noexcept { return size_ == 0; }

  // Keeps the first `bytes` and wipes the rest; `bytes` is at most size().
  void shrink_to(std::size_t bytes) noexcept;

  // Takes the same time whatever the bytes; the length is not hidden.
  friend bool operator==(const SecretBuffer& a, const SecretBuffer& b) noexcept;

 private:
  SecretBuffer(std::byte* data, std::size_t size) noexcept : data_(data), size_(size) {}

  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

// Called when the secure heap is full, from the thread that needs room: gives back what can be
// rebuilt (cached keys) and says whether it gave back anything. Set once, before other threads
// start.
void set_secret_memory_reclaimer(std::function<bool()> reclaim);

// Overwrites bytes that are about to be released, in a way the compiler keeps.
void wipe(MutableByteView bytes) noexcept;

// Same time whatever the bytes; false at once when the lengths differ.
bool equal_in_constant_time(ByteView a, ByteView b) noexcept;

}  // namespace strongroom
