// Files of Mbed Crypto's keys are read whole, and as keys of the type that is expected.
#include "service/migration/mbed_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/migration/raw_files.h"
#include "tests/support/matchers.h"

namespace strongroom::parsec {
namespace {

using testing::FailsWith;
using testing::IsOk;
using Kind = psa::KeyType::Kind;

constexpr psa::KeyType kEcc{Kind::EccKeyPair, psa::EccFamily::SecpR1};
constexpr psa::KeyType kRsa{Kind::RsaKeyPair, std::nullopt};
constexpr psa::KeyType kAes{Kind::Aes, std::nullopt};

Bytes sample(std::uint64_t number) {
  auto keys = read_raw_keys(PARSEC_SAMPLE "/keys");
  EXPECT_THAT(keys, IsOk());
  return keys->at(number);
}

TEST(KeyFile, OfTheServiceIsReadWithItsSize) {
  const auto ecc = parse_mbed_key(sample(2), kEcc);
  ASSERT_THAT(ecc, IsOk());
  EXPECT_EQ(ecc->bits, 256U);
  EXPECT_EQ(ecc->data.size(), 32U);
  const auto rsa = parse_mbed_key(sample(3), kRsa);
  ASSERT_THAT(rsa, IsOk());
  EXPECT_EQ(rsa->bits, 2048U);
  const auto aes = parse_mbed_key(sample(4), kAes);
  ASSERT_THAT(aes, IsOk());
  EXPECT_EQ(aes->bits, 256U);
}

TEST(KeyFile, OfAnotherTypeIsRefused) {
  EXPECT_THAT(parse_mbed_key(sample(2), kRsa), FailsWith(Status::PsaErrorDataCorrupt));
  EXPECT_THAT(parse_mbed_key(sample(2), {Kind::EccKeyPair, psa::EccFamily::SecpK1}),
              FailsWith(Status::PsaErrorDataCorrupt));
  EXPECT_THAT(parse_mbed_key(sample(2), {Kind::EccPublicKey, psa::EccFamily::SecpR1}),
              FailsWith(Status::PsaErrorDataCorrupt));
  EXPECT_THAT(parse_mbed_key(sample(4), {Kind::EccKeyPair, psa::EccFamily::TwistedEdwards}),
              FailsWith(Status::PsaErrorDataCorrupt));
}

TEST(KeyFile, ThatIsCutOrContinuedIsRefused) {
  const Bytes whole = sample(2);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_THAT(parse_mbed_key(ByteView(whole).first(size), kEcc),
                FailsWith(Status::PsaErrorDataCorrupt));
  Bytes longer = whole;
  longer.push_back(std::byte{0});
  EXPECT_THAT(parse_mbed_key(longer, kEcc), FailsWith(Status::PsaErrorDataCorrupt));
}

TEST(KeyFile, OfAnotherVersionOrKindIsRefused) {
  for (std::size_t at : {std::size_t{0}, std::size_t{16}, std::size_t{24}}) {
    Bytes other = sample(2);
    other[at] ^= std::byte{1};
    EXPECT_THAT(parse_mbed_key(other, kEcc), FailsWith(Status::PsaErrorDataCorrupt)) << at;
  }
}

}  // namespace
}  // namespace strongroom::parsec
