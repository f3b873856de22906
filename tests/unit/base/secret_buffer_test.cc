#include "base/secret_buffer.h"

#include <algorithm>
#include <type_traits>

#include <fmt/format.h>
#include <openssl/crypto.h>

#include "tests/support/matchers.h"

namespace strongroom {
namespace {

using testing::FailsWith;
using testing::IsOk;

static_assert(!fmt::is_formattable<SecretBuffer>::value);
static_assert(!std::is_copy_constructible_v<SecretBuffer>);
static_assert(!std::is_copy_assignable_v<SecretBuffer>);

// Gives the test process a secure heap of 64 KiB, as small as it takes to exhaust it.
class SecureHeap : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { ASSERT_EQ(CRYPTO_secure_malloc_init(64 * 1024, 16), 1); }
  static void TearDownTestSuite() { CRYPTO_secure_malloc_done(); }
  void TearDown() override { set_secret_memory_reclaimer(nullptr); }
};

TEST(SecretBuffer, CopiesComparesAndShrinks) {
  auto secret = SecretBuffer::copy_of(view_of("swordfish"));
  auto same = SecretBuffer::copy_of(view_of("swordfish"));
  auto other = SecretBuffer::copy_of(view_of("swordfisH"));
  ASSERT_THAT(secret, IsOk());
  EXPECT_TRUE(*secret == *same);
  EXPECT_FALSE(*secret == *other);
  secret->shrink_to(5);
  EXPECT_EQ(text_of(secret->reveal()), "sword");
  EXPECT_FALSE(*secret == *same);
}

TEST(SecretBuffer, ShrinkingWipesWhatIsCutOff) {
  auto secret = SecretBuffer::copy_of(view_of("swordfish"));
  ByteView whole = secret->reveal();
  secret->shrink_to(5);
  EXPECT_TRUE(std::ranges::all_of(whole.subspan(5), [](std::byte b) { return b == std::byte{0}; }));
}

TEST(SecretBuffer, AnEmptyOneNeedsNoMemory) {
  auto secret = SecretBuffer::of_size(0);
  ASSERT_THAT(secret, IsOk());
  EXPECT_TRUE(secret->is_empty());
}

TEST(SecretBuffer, RandomOnesAreAsLongAsAskedForAndDiffer) {
  auto one = SecretBuffer::random(32);
  auto other = SecretBuffer::random(32);
  ASSERT_THAT(one, IsOk());
  ASSERT_THAT(other, IsOk());
  EXPECT_EQ(one->size(), 32U);
  EXPECT_FALSE(*one == *other);
  EXPECT_THAT(SecretBuffer::random(0), IsOk());
}

TEST_F(SecureHeap, HoldsSecretsUpToTheLimit) {
  auto small = SecretBuffer::of_size(SecretBuffer::kSecureHeapLimit);
  auto large = SecretBuffer::of_size(SecretBuffer::kSecureHeapLimit + 1);
  ASSERT_THAT(small, IsOk());
  ASSERT_THAT(large, IsOk());
  EXPECT_EQ(CRYPTO_secure_allocated(small->reveal().data()), 1);
  EXPECT_EQ(CRYPTO_secure_allocated(large->reveal().data()), 0);
}

TEST_F(SecureHeap, ExhaustionFailsAndLeavesWhatExists) {
  std::vector<SecretBuffer> held;
  for (int i = 0; i < 4; ++i) {
    auto secret = SecretBuffer::of_size(16 * 1024);
    if (secret) held.push_back(*std::move(secret));
  }
  EXPECT_THAT(SecretBuffer::of_size(16 * 1024), FailsWith(Status::PsaErrorInsufficientMemory));
  held.pop_back();
  EXPECT_THAT(SecretBuffer::of_size(16 * 1024), IsOk());
}

TEST_F(SecureHeap, ExhaustionFirstReclaimsWhatCanBeRebuilt) {
  std::vector<SecretBuffer> cache;
  while (true) {
    auto secret = SecretBuffer::of_size(16 * 1024);
    if (!secret) break;
    cache.push_back(*std::move(secret));
  }
  set_secret_memory_reclaimer([&] {
    if (cache.empty()) return false;
    cache.pop_back();
    return true;
  });
  EXPECT_THAT(SecretBuffer::of_size(16 * 1024), IsOk());
}

}  // namespace
}  // namespace strongroom
