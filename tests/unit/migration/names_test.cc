// Names are read from base64url as an encoder writes it, and from nothing else.
#include "service/migration/names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace strongroom::parsec {
namespace {

using testing::FailsWith;
using testing::IsOkAndHolds;

TEST(Names, AreReadWithTheirPadding) {
  EXPECT_THAT(parse_name("NjQwMDE="), IsOkAndHolds("64001"));
  EXPECT_THAT(parse_name("dHBtUm9vdEtleVRQTQ=="), IsOkAndHolds("tpmRootKeyTPM"));
  EXPECT_THAT(parse_name("cnNhLTI="), IsOkAndHolds("rsa-2"));
  EXPECT_THAT(parse_name("YSBr"), IsOkAndHolds("a k"));
  EXPECT_THAT(parse_name("w7_Dvg=="), IsOkAndHolds("\u00ff\u00fe"));
}

TEST(Names, InAnotherFormAreRefused) {
  for (const char* encoded :
       {"", "=", "====", "N", "NjQwMDE", "NjQwMDE==", "NjQwM=E=", "NjQw MDE",
        "w7/Dvg==", "w7+Dvg==", "NjQwMDF=", "NjQwMB==", "A===", "_w==", "parsec", "NjQwMDE=\n"})
    EXPECT_THAT(parse_name(encoded), FailsWith(Status::PsaErrorDataCorrupt)) << encoded;
}

}  // namespace
}  // namespace strongroom::parsec
