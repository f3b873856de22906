#include "client/cli/keys/der.h"

#include <gmock/gmock.h>

#include "tests/support/hex.h"

namespace strongroom::cli::der {
namespace {

using strongroom::testing::from_hex;

TEST(Der, LengthsAreWrittenInTheirShortestFormAndReadAgain) {
  for (std::size_t size : {0U, 1U, 127U, 128U, 255U, 256U, 65535U, 65536U}) {
    Bytes content(size, std::byte{7});
    SecretBytes whole = element(kOctetString, {content});
    std::optional<ByteView> read = content_of(whole, kOctetString);
    ASSERT_TRUE(read) << size;
    EXPECT_EQ(copy_of(*read), content);
    EXPECT_FALSE(content_of(whole, kSequence));
  }
  EXPECT_EQ(to_hex(ByteView(element(kOctetString, {Bytes(128)})).first(3)), "048180");
}

TEST(Der, WhatIsCutShortOrNotInItsShortestFormIsNone) {
  for (std::string_view hex : {"", "30", "3001", "308000", "30 8101 00", "30 820001 00", "3081",
                               "30 85 0000000001 00", "30 84 ffffffff 00", "30 ff"})
    EXPECT_FALSE(content_of(from_hex(hex), kSequence)) << hex;
  EXPECT_FALSE(content_of(from_hex("3000 00"), kSequence));
}

TEST(Der, IntegersAreUnsignedAndMinimalBothWays) {
  EXPECT_EQ(to_hex(unsigned_integer(from_hex("0080"))), "02020080");
  EXPECT_EQ(to_hex(unsigned_integer(from_hex("7f"))), "02017f");
  EXPECT_EQ(to_hex(unsigned_integer({})), "020100");
  Bytes numbers = from_hex("0200 020180 0202 0080");
  EXPECT_FALSE(Reader(numbers).take_unsigned());
  EXPECT_FALSE(Reader(ByteView(numbers).subspan(2)).take_unsigned());
  EXPECT_EQ(to_hex(*Reader(ByteView(numbers).subspan(5)).take_unsigned()), "80");
}

TEST(Der, BitStringsHaveWholeOctets) {
  EXPECT_EQ(to_hex(bit_string(from_hex("ab"))), "030200ab");
  EXPECT_EQ(to_hex(*Reader(from_hex("030200ab")).take_bits()), "ab");
  EXPECT_FALSE(Reader(from_hex("030204a0")).take_bits());
  EXPECT_FALSE(Reader(from_hex("0300")).take_bits());
}

TEST(Der, ReaderGoesOnBehindWhatItTook) {
  Bytes bytes = from_hex("0201 05 0400");
  Reader reader(bytes);
  EXPECT_FALSE(reader.take(kOctetString));
  EXPECT_EQ(to_hex(*reader.take_whole(kInteger)), "020105");
  EXPECT_TRUE(reader.is_next(kOctetString));
  EXPECT_TRUE(reader.take(kOctetString)->empty());
  EXPECT_TRUE(reader.is_empty());
  EXPECT_FALSE(reader.take(kOctetString));
}

}  // namespace
}  // namespace strongroom::cli::der
