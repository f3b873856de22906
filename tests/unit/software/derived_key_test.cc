#include "providers/software/derivation/derived_key.h"

#include <array>

#include <gtest/gtest.h>

#include "providers/software/keys/symmetric_key.h"
#include "tests/support/hex.h"

namespace strongroom::software {
namespace {

using testing::from_hex;

// SP 800-67 Rev. 2 §3.3.2.
constexpr std::array kWeakKeys = {
    "0101010101010101", "fefefefefefefefe", "e0e0e0e0f1f1f1f1", "1f1f1f1f0e0e0e0e",
    "011f011f010e010e", "1f011f010e010e01", "01e001e001f101f1", "e001e001f101f101",
    "01fe01fe01fe01fe", "fe01fe01fe01fe01", "1fe01fe00ef10ef1", "e01fe01ff10ef10e",
    "1ffe1ffe0efe0efe", "fe1ffe1ffe0efe0e", "e0fee0fef1fef1fe", "fee0fee0fef1fef1",
};

TEST(WeakDesKeys, AreTheSixteenOfTheStandard) {
  for (const char* key : kWeakKeys)
    EXPECT_TRUE(is_weak_des_key(from_hex(key))) << key;
}

TEST(WeakDesKeys, AreNoneThatDifferInOneBit) {
  for (const char* weak : kWeakKeys)
    for (std::size_t at = 0; at < 8; ++at)
      for (int bit = 1; bit < 8; ++bit) {
        Bytes key = from_hex(weak);
        key[at] ^= std::byte{1} << bit;
        set_des_parity(key);
        EXPECT_FALSE(is_weak_des_key(key)) << to_hex(key);
      }
}

}  // namespace
}  // namespace strongroom::software
