#include "service/process/wiping_allocator.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <malloc.h>
#include <new>

#include <openssl/crypto.h>

#include "base/memory_reserve.h"

namespace strongroom {
namespace {

// The whole block, which may be longer than what was asked for: it was the owner's to use.
void wipe_and_free(void* block) noexcept {
  if (block == nullptr) return;
  OPENSSL_cleanse(block, malloc_usable_size(block));
  std::free(block);
}

constexpr std::size_t kOrdinary = __STDCPP_DEFAULT_NEW_ALIGNMENT__;

void* from_the_c_library(std::size_t size, std::size_t alignment) noexcept {
  if (alignment <= kOrdinary) return std::malloc(size);
  void* block = nullptr;
  return posix_memalign(&block, alignment, size) == 0 ? block : nullptr;
}

// Null only when the reserve is gone, too, or is not for this.
void* block_of(std::size_t size, std::size_t alignment) noexcept {
  while (true) {
    const std::uint64_t uses = memory_reserve_uses();
    void* block = from_the_c_library(size, alignment);
    if (block != nullptr || !make_room(size, uses)) return block;
  }
}

// libcrypto's three, with the place in its source that it calls from.
void* crypto_allocate(std::size_t size, const char*, int) {
  return size == 0 ? nullptr : block_of(size, kOrdinary);
}

void crypto_free(void* block, const char*, int) {
  wipe_and_free(block);
}

// realloc(3) would leave the old block behind as it was.
void* crypto_reallocate(void* block, std::size_t size, const char*, int) {
  if (size == 0) {
    wipe_and_free(block);
    return nullptr;
  }
  void* larger = block_of(size, kOrdinary);
  if (larger == nullptr || block == nullptr) return larger;
  std::memcpy(larger, block, std::min(size, malloc_usable_size(block)));
  wipe_and_free(block);
  return larger;
}

// [new.delete.single]: asks the new-handler for room until there is some or it gives up.
void* allocate(std::size_t size, std::size_t alignment) {
  const std::size_t asked = std::max<std::size_t>(size, 1);
  while (true) {
    if (void* block = block_of(asked, alignment)) return block;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

void* allocate_or_null(std::size_t size, std::size_t alignment) noexcept {
  try {
    return allocate(size, alignment);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

}  // namespace

Result<> wipe_what_libcrypto_frees() {
  if (CRYPTO_set_mem_functions(crypto_allocate, crypto_reallocate, crypto_free) == 1) return {};
  return fail(Status::PsaErrorGenericError,
              "CRYPTO_set_mem_functions: libcrypto has allocated already");
}

}  // namespace strongroom

using strongroom::allocate;
using strongroom::allocate_or_null;
using strongroom::kOrdinary;
using strongroom::wipe_and_free;

void* operator new(std::size_t size) {
  return allocate(size, kOrdinary);
}
void* operator new[](std::size_t size) {
  return allocate(size, kOrdinary);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return allocate_or_null(size, kOrdinary);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return allocate_or_null(size, kOrdinary);
}
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return allocate_or_null(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return allocate_or_null(size, static_cast<std::size_t>(alignment));
}

void operator delete(void* block) noexcept {
  wipe_and_free(block);
}
void operator delete[](void* block) noexcept {
  wipe_and_free(block);
}
void operator delete(void* block, std::size_t) noexcept {
  wipe_and_free(block);
}
void operator delete[](void* block, std::size_t) noexcept {
  wipe_and_free(block);
}
void operator delete(void* block, std::align_val_t) noexcept {
  wipe_and_free(block);
}
void operator delete[](void* block, std::align_val_t) noexcept {
  wipe_and_free(block);
}
void operator delete(void* block, std::size_t, std::align_val_t) noexcept {
  wipe_and_free(block);
}
void operator delete[](void* block, std::size_t, std::align_val_t) noexcept {
  wipe_and_free(block);
}
void operator delete(void* block, const std::nothrow_t&) noexcept {
  wipe_and_free(block);
}
void operator delete[](void* block, const std::nothrow_t&) noexcept {
  wipe_and_free(block);
}
void operator delete(void* block, std::align_val_t, const std::nothrow_t&) noexcept {
  wipe_and_free(block);
}
void operator delete[](void* block, std::align_val_t, const std::nothrow_t&) noexcept {
  wipe_and_free(block);
}
