#include "providers/software/keys/der.h"

#include <array>

#include "tests/support/hex.h"
#include "tests/support/matchers.h"

namespace strongroom::software {
namespace {

using testing::FailsWith;
using testing::from_hex;
using testing::IsOk;

Result<> parse_two(std::string_view hex, std::array<ByteView, 2>* integers = nullptr) {
  static Bytes der;  // what the views point into
  der = from_hex(hex);
  std::array<ByteView, 2> parsed;
  auto result = parse_integers(der, parsed);
  if (integers != nullptr) *integers = parsed;
  return result;
}

TEST(Der, MagnitudesComeWithoutLeadingZeros) {
  std::array<ByteView, 2> integers;
  ASSERT_THAT(parse_two("3009020200800203010001", &integers), IsOk());
  EXPECT_EQ(to_hex(integers[0]), "80");
  EXPECT_EQ(to_hex(integers[1]), "010001");
  ASSERT_THAT(parse_two("300602010002017f", &integers), IsOk());
  EXPECT_TRUE(integers[0].empty());
  EXPECT_EQ(to_hex(integers[1]), "7f");
}

TEST(Der, RefusesEveryTruncation) {
  Bytes whole = from_hex("3009020200800203010001");
  std::array<ByteView, 2> integers;
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_THAT(parse_integers(ByteView(whole).first(size), integers),
                FailsWith(Status::PsaErrorInvalidArgument))
        << size;
}

struct Hostile {
  std::string_view hex;
  std::string_view why;
};
constexpr std::array kHostile = {
    Hostile{"300602010102010100", "a byte after the sequence"},
    Hostile{"300702010102010100", "a byte after the integers"},
    Hostile{"3009020101020101020101", "a third integer"},
    Hostile{"3003020101", "one integer"},
    Hostile{"3000", "no integer"},
    Hostile{"310602010102010 1", "a set"},
    Hostile{"3006040101020101", "an octet string"},
    Hostile{"3005020002 0101", "an empty integer"},
    Hostile{"3006020181020101", "a negative integer"},
    Hostile{"30070202007f020101", "a zero byte too many"},
    Hostile{"30070202ffff020101", "a negative integer, not minimal"},
    Hostile{"30080203000080020101", "two zero bytes"},
    Hostile{"308106020101020101", "a short length in the long form"},
    Hostile{"30820006020101020101", "a length with a zero byte"},
    Hostile{"3083000006020101020101", "a length of three bytes"},
    Hostile{"3080020101020101 0000", "an indefinite length"},
    Hostile{"30ff020101020101", "a length of 127 bytes"},
    Hostile{"3084ffffffff020101020101", "4 GiB"},
    Hostile{"3088ffffffffffffffff020101020101", "2^64 - 1 bytes"},
    Hostile{"3082ffff020101020101", "64 KiB"},
    Hostile{"300602 7f01020101", "an integer beyond the sequence"},
    Hostile{"30060282ffff0101", "an integer of 64 KiB"},
    Hostile{"3081", "a length cut off"},
    Hostile{"3082ff", "a length cut off"},
    Hostile{"30", "no length"},
    Hostile{"", "nothing"},
};

TEST(Der, RefusesWhatIsNotExactlyTheKey) {
  for (const auto& [hex, why] : kHostile) {
    std::string digits(hex);
    std::erase(digits, ' ');
    EXPECT_THAT(parse_two(digits), FailsWith(Status::PsaErrorInvalidArgument)) << why;
  }
}

TEST(Der, WhatIsWrittenIsReadAgain) {
  for (std::size_t size : {0U, 1U, 126U, 127U, 128U, 250U, 255U, 256U, 257U, 512U}) {
    for (std::byte top : {std::byte{0x01}, std::byte{0x7f}, std::byte{0x80}, std::byte{0xff}}) {
      Bytes first(size, std::byte{0});
      if (size > 0) first[0] = top;
      Bytes second = from_hex("010001");
      const std::array<ByteView, 2> integers = {first, second};
      Bytes der(size_of_integers(integers));
      write_integers(integers, der);
      std::array<ByteView, 2> read;
      ASSERT_THAT(parse_integers(der, read), IsOk()) << size;
      EXPECT_EQ(to_hex(read[0]), to_hex(first));
      EXPECT_EQ(to_hex(read[1]), to_hex(second));
    }
  }
}

// Whatever is accepted is written again byte for byte: no two encodings of one key.
TEST(Der, AnyChangedByteIsRefusedOrWrittenAgainAsItWas) {
  Bytes whole = from_hex("300f020900ffeeddccbbaa998802020081");
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      Bytes changed = whole;
      changed[at] = static_cast<std::byte>(value);
      std::array<ByteView, 2> integers;
      if (!parse_integers(changed, integers)) continue;
      Bytes written(size_of_integers(integers));
      write_integers(integers, written);
      EXPECT_EQ(to_hex(written), to_hex(changed));
    }
  }
}

}  // namespace
}  // namespace strongroom::software
