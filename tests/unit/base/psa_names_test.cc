#include "base/psa_names.h"

#include <gtest/gtest.h>

namespace strongroom::psa {
namespace {

TEST(ShortNames, StandForTheTypeThatTheyAreOf) {
  for (const auto& [name, known] : short_names())
    EXPECT_EQ(short_name(known.type, known.bits), name);
}

TEST(ShortNames, AreThoseOfTypesThatHaveOne) {
  const KeyType on_nist_curve{KeyType::Kind::EccKeyPair, EccFamily::SecpR1};
  EXPECT_EQ(short_name(on_nist_curve, 256), "ecc-p256");
  EXPECT_EQ(short_name(on_nist_curve, 224), to_string(on_nist_curve, 224));
}

}  // namespace
}  // namespace strongroom::psa
