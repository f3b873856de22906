#include "service/process/wiping_allocator.h"

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <new>
#include <sys/resource.h>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include "base/memory_reserve.h"
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

// While it lives this process gets no more address space.
class NoMoreMemory {
 public:
  NoMoreMemory() {
    rlim_t pages = 0;  // proc(5), /proc/pid/statm
    std::ifstream("/proc/self/statm") >> pages;
    const rlimit none{.rlim_cur = pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)),
                      .rlim_max = RLIM_INFINITY};
    ::setrlimit(RLIMIT_AS, &none);
  }
  NoMoreMemory(const NoMoreMemory&) = delete;
  NoMoreMemory& operator=(const NoMoreMemory&) = delete;
  ~NoMoreMemory() {
    const rlimit all{.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
    ::setrlimit(RLIMIT_AS, &all);
  }
};

// Allocates until there is no more, or `most` times; frees all.
int blocks_to_be_had(std::size_t size, int most) {
  std::vector<std::unique_ptr<char[]>> blocks;
  blocks.reserve(static_cast<std::size_t>(most));
  std::ignore = attempt([&] {
    while (blocks.size() < blocks.capacity())
      blocks.push_back(std::unique_ptr<char[]>(new char[size]));
  });
  return static_cast<int>(blocks.size());
}

TEST(MemoryReserve, IsForSmallBlocksAndForWhatMustNotFail) {
  EXPECT_TRUE(testing::holds_in_child([] {
    if (!hold_memory_reserve() || is_memory_short()) return false;
    const std::uint64_t uses = memory_reserve_uses();
    const NoMoreMemory none;
    // What the C library still has of its own.
    blocks_to_be_had(std::size_t{1} << 20, 64);
    const bool is_untouched = memory_reserve_uses() == uses;
    const std::unique_ptr<char[]> must(new char[std::size_t{1} << 20]);
    return is_untouched && memory_reserve_uses() == uses + 1 && is_memory_short();
  }));
}

TEST(MemoryReserve, ServesThousandsOfSmallBlocksAndIsTakenBack) {
  EXPECT_TRUE(testing::holds_in_child([] {
    if (!hold_memory_reserve()) return false;
    {
      const NoMoreMemory none;
      if (blocks_to_be_had(1024, 20'000) < 20'000 || !is_memory_short()) return false;
    }
    return !is_memory_short();
  }));
}

TEST(MemoryReserve, WithoutItMemoryIsNeverShort) {
  EXPECT_TRUE(testing::holds_in_child([] {
    const NoMoreMemory none;
    return blocks_to_be_had(std::size_t{1} << 20, 1000) < 1000 && !is_memory_short();
  }));
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
