#include "client/cli/format/text_encoding.h"

#include <gmock/gmock.h>

namespace strongroom::cli {
namespace {

std::string text_from(const std::optional<SecretBytes>& bytes) {
  return bytes ? std::string(text_of(*bytes)) : "(nothing)";
}

// RFC 4648 §10.
constexpr std::array kVectors = {
    std::pair{"", ""},
    std::pair{"f", "Zg=="},
    std::pair{"fo", "Zm8="},
    std::pair{"foo", "Zm9v"},
    std::pair{"foob", "Zm9vYg=="},
    std::pair{"fooba", "Zm9vYmE="},
    std::pair{"foobar", "Zm9vYmFy"},
};

TEST(Base64, VectorsOfTheRfcMatchBothWays) {
  for (const auto& [plain, encoded] : kVectors) {
    EXPECT_EQ(to_base64(view_of(plain)), encoded);
    EXPECT_EQ(text_from(from_base64(encoded)), plain);
  }
}

TEST(Base64, WhiteSpaceIsSkippedAndTheRestMustBeRight) {
  EXPECT_EQ(text_from(from_base64("Zm9v\nYg =\t=\r\n")), "foob");
  for (const char* wrong : {"Z", "Zg", "Zg=", "Zg===", "Zg==Zg==", "Zm9v!", "Zm-_", "===="})
    EXPECT_FALSE(from_base64(wrong)) << wrong;
}

TEST(Hex, BothCasesAreRead) {
  EXPECT_EQ(text_from(from_hex("666F 6f\n")), "foo");
  EXPECT_EQ(text_from(from_hex("")), "");
  for (const char* wrong : {"6", "666", "6g", "0x66"})
    EXPECT_FALSE(from_hex(wrong)) << wrong;
}

}  // namespace
}  // namespace strongroom::cli
