// How much of a body is taken for a message.
#include "service/dispatch/handlers/message.h"

#include <string>

#include <gtest/gtest.h>

#include "psa_generate_key.pb.h"
#include "psa_hash_compute.pb.h"
#include "tests/support/matchers.h"

namespace strongroom {
namespace {

using testing::FailsWith;
using testing::IsOk;

std::string repeated(std::string_view piece, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i)
    all += piece;
  return all;
}

// 1 MiB would become 24, in fifty milliseconds that are charged as half a one.
TEST(Bodies, OfTooManyFieldsAreNotParsed) {
  constexpr std::string_view kUnknown("\x7a\x00", 2);
  constexpr std::string_view kGroup("\x7b\x78\x01\x7c", 4);
  psa_generate_key::Operation request;
  EXPECT_THAT(parse(view_of(repeated(kUnknown, 4096)), request), IsOk());
  EXPECT_THAT(parse(view_of(repeated(kUnknown, 4097)), request),
              FailsWith(Status::DeserializingBodyFailed));
  EXPECT_THAT(parse(view_of(repeated(kGroup, 2048)), request), IsOk());
  EXPECT_THAT(parse(view_of(repeated(kGroup, 2049)), request),
              FailsWith(Status::DeserializingBodyFailed));
}

TEST(Bodies, OfTooManyFieldsInsideOfOthersAreNotParsed) {
  psa_generate_key::Operation request;
  const auto body_with = [](std::size_t fields) {
    const std::string attributes = repeated(std::string_view("\x78\x01", 2), fields);
    std::string size;
    for (std::size_t left = attributes.size(); left != 0; left >>= 7U)
      size += static_cast<char>((left & 0x7fU) | (left > 0x7f ? 0x80U : 0U));
    return "\x12" + size + attributes;
  };
  EXPECT_THAT(parse(view_of(body_with(4095)), request), IsOk());
  EXPECT_THAT(parse(view_of(body_with(4096)), request), FailsWith(Status::DeserializingBodyFailed));
}

// What only looks like fields is data.
TEST(Bodies, OfManyBytesAreParsed) {
  psa_hash_compute::Operation request;
  request.set_input(repeated(std::string_view("\x7a\x00", 2), 500'000));
  psa_hash_compute::Operation parsed;
  EXPECT_THAT(parse(view_of(request.SerializeAsString()), parsed), IsOk());
  EXPECT_EQ(parsed.input(), request.input());
}

}  // namespace
}  // namespace strongroom
