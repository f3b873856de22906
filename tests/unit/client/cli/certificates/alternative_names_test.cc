#include "client/cli/certificates/alternative_names.h"

#include <gmock/gmock.h>

#include "base/bytes.h"

namespace strongroom::cli {
namespace {

TEST(AlternativeNames, AreEncodedAsGeneralNames) {
  EXPECT_EQ(to_hex(*alternative_names_from("DNS:a.b")), "30058203612e62");
  EXPECT_EQ(to_hex(*alternative_names_from("IP:192.0.2.1")), "30068704c0000201");
  EXPECT_EQ(to_hex(*alternative_names_from("IP:::1")), "3012871000000000000000000000000000000001");
  EXPECT_EQ(to_hex(*alternative_names_from("email:a@b, URI:x:y")), "300a81036140628603783a79");
}

TEST(AlternativeNames, CommaThatNoKindFollowsBelongsToTheName) {
  EXPECT_EQ(to_hex(*alternative_names_from("URI:x:1,2,DNS:a")), "300a8605783a312c32820161");
}

TEST(AlternativeNames, HostNamesMayBeginWithAnAsterisk) {
  EXPECT_TRUE(alternative_names_from("DNS:*.example.org,DNS:_x.a-b.example"));
}

TEST(AlternativeNames, WhatIsNoneIsAUsageFailure) {
  for (std::string_view list :
       {"",       "a",        "dns:a",        "DNS:",    "DNS:.",     "DNS:a.",
        "DNS:.a", "DNS:a..b", "DNS:a b",      "DNS:*",   "DNS:a.*.b", "DNS:\xc3\xa4",
        "IP:",    "IP:1.2.3", "IP:1.2.3.4/8", "email:a", "URI:a",     "URI:x:\n",
        "DNS:a,", "DNS:a,b",  "DNS:a,,DNS:b"}) {
    Outcome<der::Element> names = alternative_names_from(list);
    ASSERT_FALSE(names) << list;
    EXPECT_EQ(names.error().code, ExitCode::Usage) << list;
  }
}

}  // namespace
}  // namespace strongroom::cli
