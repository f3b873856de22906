#include "service/process/wiping_allocator.h"

#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <new>

#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include "tests/unit/process/in_child.h"

namespace strongroom {
namespace {

// Small enough for the C library's thread cache, which hands the block freed last out first.
constexpr std::size_t kSize = 512;
constexpr unsigned char kPattern = 0xA7;
// The C library writes its links at the beginning of a free block.
constexpr std::size_t kLinks = 16;

struct Functions {
  std::function<void*()> allocate;
  std::function<void(void*)> release;
};

// Keeps the compiler from knowing that what was written is not read any more.
void* opaque(void* block) {
  asm volatile("" : "+r"(block) : : "memory");
  return block;
}

// How many bytes of the pattern the next owner of a block finds in it.
std::size_t left_behind(const Functions& functions) {
  void* block = opaque(functions.allocate());
  std::memset(block, kPattern, kSize);
  const auto address = reinterpret_cast<std::uintptr_t>(opaque(block));
  functions.release(block);
  auto* next = static_cast<unsigned char*>(opaque(std::malloc(kSize)));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(next), address) << "the block was not used again";
  std::size_t found = 0;
  for (std::size_t i = kLinks; i < kSize; ++i)
    if (next[i] == kPattern) ++found;
  std::free(next);
  return found;
}

TEST(WipingAllocator, IsNeededBecauseTheCLibraryWipesNothing) {
  EXPECT_EQ(left_behind({[] { return std::malloc(kSize); }, [](void* block) { std::free(block); }}),
            kSize - kLinks);
}

TEST(WipingAllocator, EveryFormOfDeleteWipes) {
  constexpr auto kAlignment = std::align_val_t(64);
  const auto ordinary = [] { return ::operator new(kSize); };
  const auto many = [] { return ::operator new[](kSize); };
  EXPECT_EQ(left_behind({ordinary, [](void* block) { ::operator delete(block); }}), 0U);
  EXPECT_EQ(left_behind({ordinary, [](void* block) { ::operator delete(block, kSize); }}), 0U);
  EXPECT_EQ(left_behind({ordinary, [](void* block) { ::operator delete(block, std::nothrow); }}),
            0U);
  EXPECT_EQ(left_behind({many, [](void* block) { ::operator delete[](block); }}), 0U);
  EXPECT_EQ(left_behind({many, [](void* block) { ::operator delete[](block, kSize); }}), 0U);
  EXPECT_EQ(left_behind({many, [](void* block) { ::operator delete[](block, std::nothrow); }}), 0U);
  EXPECT_EQ(left_behind({[] { return ::operator new(kSize, std::nothrow); },
                         [](void* block) { ::operator delete(block); }}),
            0U);
  const std::unique_ptr<void, void (*)(void*)> aligned(
      ::operator new(kSize, kAlignment), [](void* block) { ::operator delete(block, kAlignment); });
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(aligned.get()) % 64, 0U);
}

TEST(WipingAllocator, AnImpossibleSizeIsAnExceptionOrNull) {
  const std::size_t impossible = opaque(nullptr) == nullptr ? PTRDIFF_MAX : 0;
  EXPECT_THROW(::operator delete(::operator new(impossible)), std::bad_alloc);
  EXPECT_EQ(::operator new(impossible, std::nothrow), nullptr);
}

TEST(WipingAllocator, NothingTakesABlockOfItsOwn) {
  void* one = ::operator new(0);
  void* other = ::operator new(0);
  EXPECT_NE(one, other);
  ::operator delete(one);
  ::operator delete(other);
  ::operator delete(nullptr);
}

TEST(WipingAllocator, ComesTooLateOnceLibcryptoHasAllocated) {
  EXPECT_TRUE(testing::holds_in_child([] {
    OPENSSL_free(OPENSSL_malloc(1));
    return !wipe_what_libcrypto_frees();
  }));
}

TEST(WipingAllocator, LibcryptoWipesWhatItFrees) {
  ASSERT_TRUE(wipe_what_libcrypto_frees());
  EXPECT_EQ(
      left_behind({[] { return OPENSSL_malloc(kSize); }, [](void* block) { OPENSSL_free(block); }}),
      0U);
}

TEST(WipingAllocator, LibcryptoWipesWhatItMovesAway) {
  void* moved = nullptr;
  EXPECT_EQ(left_behind({[] { return OPENSSL_malloc(kSize); },
                         [&](void* block) { moved = OPENSSL_realloc(block, 4 * kSize); }}),
            0U);
  EXPECT_EQ(static_cast<unsigned char*>(moved)[kSize - 1], kPattern) << "contents move along";
  OPENSSL_free(moved);
}

}  // namespace
}  // namespace strongroom
