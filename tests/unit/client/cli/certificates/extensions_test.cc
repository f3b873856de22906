#include "client/cli/certificates/extensions.h"

#include <gmock/gmock.h>

#include "base/bytes.h"
#include "tests/unit/client/cli/test_keys.h"

namespace strongroom::cli {
namespace {

using ::testing::HasSubstr;

TEST(Extensions, KeyUsageIsANamedBitList) {
  // SEQUENCE { keyUsage, TRUE, OCTET STRING { BIT STRING } }
  EXPECT_EQ(to_hex(*key_usage_from("digitalSignature")), "300e0603551d0f0101ff040403020780");
  EXPECT_EQ(to_hex(*key_usage_from("cRLSign,keyCertSign")), "300e0603551d0f0101ff040403020106");
  EXPECT_EQ(to_hex(*key_usage_from("decipherOnly")), "300f0603551d0f0101ff04050303070080");
}

TEST(Extensions, PurposesAreNamesOrDottedNumbers) {
  EXPECT_EQ(to_hex(*extended_key_usage_from("serverAuth")),
            to_hex(*extended_key_usage_from("1.3.6.1.5.5.7.3.1")));
  EXPECT_THAT(to_hex(*extended_key_usage_from("serverAuth,clientAuth")),
              HasSubstr("06082b0601050507030106082b06010505070302"));
}

TEST(Extensions, ConstraintsSayWhetherThereIsAnAuthority) {
  EXPECT_EQ(to_hex(basic_constraints(true)), "300f0603551d130101ff040530030101ff");
  EXPECT_EQ(to_hex(basic_constraints(false)), "300c0603551d130101ff04023000");
}

TEST(Extensions, WhatIsNoUsageIsAUsageFailure) {
  for (std::string_view list : {"", "sign", "digitalSignature,", "digitalsignature"})
    EXPECT_EQ(key_usage_from(list).error().code, ExitCode::Usage) << list;
  for (std::string_view list : {"", "server", "1.2.a", ".", "9.9", "serverAuth,", "sha256"})
    EXPECT_EQ(extended_key_usage_from(list).error().code, ExitCode::Usage) << list;
}

TEST(Extensions, KeyIdentifierIsTheHashOfTheBits) {
  Bytes info = testing::public_info(testing::generate_ecc("prime256v1"));
  Outcome<der::Element> both = key_identifiers(info);
  ASSERT_TRUE(both);
  std::string hex = to_hex(*both);
  std::size_t first = hex.find("0603551d0e");
  std::size_t second = hex.find("0603551d23");
  ASSERT_NE(first, std::string::npos);
  ASSERT_NE(second, std::string::npos);
  EXPECT_EQ(hex.substr(hex.find("0414", first) + 4, 40), hex.substr(hex.find("8014", second) + 4));
  EXPECT_EQ(key_identifiers(view_of("none")).error().code, ExitCode::InvalidData);
}

}  // namespace
}  // namespace strongroom::cli
