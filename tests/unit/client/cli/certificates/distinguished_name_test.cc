#include "client/cli/certificates/distinguished_name.h"

#include <gmock/gmock.h>

#include "base/bytes.h"

namespace strongroom::cli {
namespace {

using ::testing::HasSubstr;

std::string hex_of(std::string_view text) {
  Outcome<der::Element> name = name_from(text);
  return name ? to_hex(*name) : name.error().message;
}

TEST(DistinguishedName, IsEncodedAsRfc5280Says) {
  // SEQUENCE { SET { SEQUENCE { commonName, UTF8String "a" } } }
  EXPECT_EQ(hex_of("/CN=a"), "300c310a300806035504030c0161");
  // countryName is a PrintableString.
  EXPECT_EQ(hex_of("/C=DE"), "300d310b3009060355040613024445");
}

TEST(DistinguishedName, NotationsStandInOppositeOrders) {
  EXPECT_EQ(hex_of("/O=b/CN=a"), hex_of("CN=a,O=b"));
  EXPECT_NE(hex_of("/O=b/CN=a"), hex_of("O=b,CN=a"));
}

TEST(DistinguishedName, EscapesTakeAwayASeparatorsMeaning) {
  EXPECT_THAT(hex_of("/O=a\\/b+c, d"), HasSubstr("'c, d' has no type in front of it"));
  EXPECT_EQ(hex_of("/O=a\\/b, c"), hex_of("O=a/b\\, c"));
  EXPECT_EQ(hex_of("/CN=a\\+b"), hex_of("CN=a\\2bb"));
  EXPECT_EQ(hex_of("CN=\\ a\\ "), hex_of("CN=\\20a\\20"));
  EXPECT_NE(hex_of("CN=\\ a"), hex_of("CN=a"));
  EXPECT_EQ(hex_of("/CN=a\\\\"), hex_of("CN=a\\5c"));
  EXPECT_EQ(hex_of("CN=a=b"), hex_of("/CN=a\\=b"));
}

TEST(DistinguishedName, TypesHaveManyNames) {
  for (std::string_view same : {"cn=a", "commonName=a", "2.5.4.3=a", " CN = a "})
    EXPECT_EQ(hex_of(same), hex_of("/CN=a")) << same;
}

TEST(DistinguishedName, PartsOfOneSetAreJoined) {
  // One SET, in DER's order.
  EXPECT_THAT(hex_of("/CN=a+OU=b"), HasSubstr("3114"));
  EXPECT_EQ(hex_of("/CN=a+OU=b"), hex_of("OU=b+CN=a"));
}

TEST(DistinguishedName, WhatIsNoneIsAUsageFailure) {
  for (std::string_view text :
       {"", "/", "a", "CN", "=a", "CN=", "/CN=a/", "CN=a,", "CN=a\\", "NOSUCH=a", "C=DEU",
        "CN=#0c0161", "/CN=\xff", "CN=a,,O=b", "1.2.999999999999999999999999x=a"}) {
    Outcome<der::Element> name = name_from(text);
    ASSERT_FALSE(name) << text;
    EXPECT_EQ(name.error().code, ExitCode::Usage) << text;
    EXPECT_THAT(name.error().message, HasSubstr("reading the subject")) << text;
  }
}

}  // namespace
}  // namespace strongroom::cli
