#include "client/cli/keys/pem.h"

#include <gmock/gmock.h>

#include "base/bytes.h"

namespace strongroom::cli {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kBlock = "-----BEGIN KEY-----\nAQID\n-----END KEY-----\n";

TEST(Pem, WhatIsWrittenIsReadAgain) {
  for (std::size_t size : {1U, 47U, 48U, 49U, 500U}) {
    Bytes data(size, std::byte{0xa5});
    SecretBytes pem = to_pem("SOME KEY", data);
    auto blocks = pem_blocks(text_of(pem));
    ASSERT_TRUE(blocks && blocks->size() == 1) << size;
    EXPECT_EQ(blocks->front().label, "SOME KEY");
    EXPECT_EQ(copy_of(blocks->front().data), data);
    EXPECT_EQ(text_of(pem).find("\n\n"), std::string_view::npos);
  }
}

TEST(Pem, TextAroundBlocksIsLeftOut) {
  std::string text = std::string("Bag Attributes: <none>\r\n") + std::string(kBlock) + "between\n" +
                     std::string(kBlock);
  EXPECT_TRUE(looks_like_pem(text));
  auto blocks = pem_blocks(text);
  ASSERT_TRUE(blocks);
  EXPECT_EQ(blocks->size(), 2U);
}

TEST(Pem, HeadersStandApartFromTheData) {
  auto blocks = pem_blocks(
      "-----BEGIN KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: X,0A\n\nAQID\n-----END KEY-----\n");
  ASSERT_TRUE(blocks && blocks->size() == 1);
  EXPECT_EQ(blocks->front().headers, "Proc-Type: 4,ENCRYPTED\nDEK-Info: X,0A\n");
  EXPECT_EQ(to_hex(blocks->front().data), "010203");
}

TEST(Pem, BlocksThatDoNotEndOrAreNotBase64AreInvalidData) {
  for (std::string_view text :
       {"-----BEGIN KEY-----\nAQID\n", "-----BEGIN KEY-----\nAQID\n-----END OTHER-----\n",
        "-----BEGIN KEY-----\n-----BEGIN KEY-----\nAQID\n-----END KEY-----\n",
        "-----BEGIN KEY-----\nAQ\n-----END KEY-----\n", "-----BEGIN KEY-----\n-----END KEY-----\n",
        "-----BEGIN KEY-----\nA*ID\n-----END KEY-----\n"}) {
    auto blocks = pem_blocks(text);
    ASSERT_FALSE(blocks) << text;
    EXPECT_EQ(blocks.error().code, ExitCode::InvalidData);
    EXPECT_THAT(blocks.error().message, HasSubstr("'KEY'"));
  }
}

TEST(Pem, OtherTextHasNoBlocks) {
  EXPECT_FALSE(looks_like_pem("text -----BEGIN KEY-----"));
  EXPECT_TRUE(pem_blocks("text -----BEGIN KEY-----\n-----BEGIN -----\n")->empty());
}

}  // namespace
}  // namespace strongroom::cli
