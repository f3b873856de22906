// By what Parsec's providers find keys again is read as they have written it.
#include "service/migration/key_ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/matchers.h"

namespace strongroom::parsec {
namespace {

using testing::FailsWith;
using testing::from_hex;
using testing::IsOk;
using testing::IsOkAndHolds;

// Of a P-256 key, its private area cut short.
Bytes wrapped_point(std::string_view context = "000000000000000000000000000000000000000000000000") {
  return from_hex(std::string(context) +
                  "0400000000000000a1a2a3a4"
                  "01000000"
                  "0200000000000000b1b2"
                  "0200000000000000c1c2"
                  "0300000000000000d1d2d3");
}

TEST(KeyIds, ANumberOfAPersistentKeyIsOfThisMachinesOrder) {
  EXPECT_THAT(parse_persistent_id(from_hex("02000000")), IsOkAndHolds(2U));
  for (const char* hex : {"", "020000", "0200000000"})
    EXPECT_THAT(parse_persistent_id(from_hex(hex)), FailsWith(Status::PsaErrorDataCorrupt));
}

TEST(KeyIds, AnObjectsIdBeginsWithTheHighestByte) {
  EXPECT_THAT(parse_object_id(from_hex("f869e248")), IsOkAndHolds(from_hex("48e269f8")));
  for (const char* hex : {"", "f869e2", "f869e24800"})
    EXPECT_THAT(parse_object_id(from_hex(hex)), FailsWith(Status::PsaErrorDataCorrupt));
}

TEST(KeyIds, AWrappedKeyHasItsPublicPartAndItsAuthValue) {
  const auto key = parse_wrapped_key(wrapped_point());
  ASSERT_THAT(key, IsOk());
  const auto* point = std::get_if<WrappedKey::Point>(&key->public_part);
  ASSERT_NE(point, nullptr);
  EXPECT_EQ(point->x, from_hex("b1b2"));
  EXPECT_EQ(point->y, from_hex("c1c2"));
  EXPECT_EQ(copy_of(key->auth.reveal()), from_hex("a1a2a3a4"));
  EXPECT_EQ(key->private_area, from_hex("d1d2d3"));
  const auto rsa =
      parse_wrapped_key(from_hex("000000000000000000000000000000000000000000000000"
                                 "0000000000000000"
                                 "00000000"
                                 "0200000000000000e1e2"
                                 "0000000000000000"));
  ASSERT_THAT(rsa, IsOk());
  EXPECT_EQ(std::get<Bytes>(rsa->public_part), from_hex("e1e2"));
  EXPECT_TRUE(rsa->auth.is_empty());
  EXPECT_TRUE(rsa->private_area.empty());
}

TEST(KeyIds, AWrappedKeyThatIsCutOrContinuedIsRefused) {
  const Bytes whole = wrapped_point();
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_THAT(parse_wrapped_key(ByteView(whole).first(size)),
                FailsWith(Status::PsaErrorDataCorrupt));
  Bytes longer = whole;
  longer.push_back(std::byte{0});
  EXPECT_THAT(parse_wrapped_key(longer), FailsWith(Status::PsaErrorDataCorrupt));
}

TEST(KeyIds, ASavedContextIsNotTakenForAKey) {
  EXPECT_THAT(parse_wrapped_key(wrapped_point("010000000000000000000000000000000000000000000000")),
              FailsWith(Status::PsaErrorNotSupported));
  EXPECT_THAT(parse_wrapped_key(wrapped_point("00000000000000000000008001000040"
                                              "0100000000000000ff")),
              FailsWith(Status::PsaErrorNotSupported));
}

TEST(KeyIds, NumbersThatNoTpmHasAreRefused) {
  EXPECT_THAT(parse_wrapped_key(from_hex("000000000000000000000000000000000000000000000000"
                                         "ffffffffffffffff")),
              FailsWith(Status::PsaErrorDataCorrupt));
}

TEST(KeyIds, TheRootsNameIsAVectorOfBytes) {
  EXPECT_THAT(parse_root_name(from_hex("0200000000000000000b")), IsOkAndHolds(from_hex("000b")));
  for (const char* hex : {"", "0300000000000000000b", "0100000000000000000b"})
    EXPECT_THAT(parse_root_name(from_hex(hex)), FailsWith(Status::PsaErrorDataCorrupt));
}

}  // namespace
}  // namespace strongroom::parsec
