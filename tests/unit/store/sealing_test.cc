#include "service/store/sealed/sealing.h"

#include <set>

#include <gmock/gmock.h>

#include "tests/support/matchers.h"

namespace strongroom::testing {
namespace {

class SealingTest : public ::testing::Test {
 protected:
  static Sealer sealer_of(char filling) {
    return *Sealer::with_key(*SecretBuffer::copy_of(view_of(std::string(32, filling))));
  }
  Result<SecretBuffer> open(const Sealed& sealed, std::string_view data) const {
    return sealer_.unseal(SealedKind::Record, view_of(data), sealed.salt, sealed.sealed);
  }

  const Sealer sealer_ = sealer_of('k');
};

TEST_F(SealingTest, OpensWhatItSealed) {
  for (std::size_t size : {0, 1, 16, 1000}) {
    Bytes text(size, std::byte{9});
    Result<Sealed> sealed = sealer_.seal(SealedKind::Record, view_of("data"), text);
    ASSERT_THAT(sealed, IsOk());
    EXPECT_EQ(sealed->sealed.size(), size + Sealer::kTagSize);
    Result<SecretBuffer> opened = open(*sealed, "data");
    ASSERT_THAT(opened, IsOk());
    EXPECT_EQ(copy_of(opened->reveal()), text);
  }
}

TEST_F(SealingTest, EverySealHasItsOwnSalt) {
  std::set<Bytes> salts;
  std::set<Bytes> seals;
  for (int i = 0; i < 50; ++i) {
    Sealed sealed = *sealer_.seal(SealedKind::Record, {}, view_of("same"));
    salts.insert(sealed.salt);
    seals.insert(sealed.sealed);
  }
  EXPECT_EQ(salts.size(), 50U);
  EXPECT_EQ(seals.size(), 50U);
}

TEST_F(SealingTest, AnyFlippedBitIsNoticed) {
  Sealed sealed = *sealer_.seal(SealedKind::Record, view_of("data"), view_of("text"));
  for (Bytes* part : {&sealed.salt, &sealed.sealed})
    for (std::byte& octet : *part) {
      octet ^= std::byte{0x10};
      EXPECT_THAT(open(sealed, "data"), FailsWith(Status::PsaErrorDataCorrupt));
      octet ^= std::byte{0x10};
    }
  EXPECT_THAT(open(sealed, "data"), IsOk());
}

TEST_F(SealingTest, CutOrLengthenedSealsAreNoticed) {
  Sealed sealed = *sealer_.seal(SealedKind::Record, view_of("data"), view_of("text"));
  for (std::size_t size = 0; size < sealed.sealed.size(); ++size) {
    Sealed cut = {sealed.salt, Bytes(sealed.sealed.begin(),
                                     sealed.sealed.begin() + static_cast<std::ptrdiff_t>(size))};
    EXPECT_THAT(open(cut, "data"), FailsWith(Status::PsaErrorDataCorrupt));
  }
  sealed.sealed.push_back(std::byte{});
  EXPECT_THAT(open(sealed, "data"), FailsWith(Status::PsaErrorDataCorrupt));
}

TEST_F(SealingTest, OtherDataKindOrKeyDoesNotOpen) {
  Sealed sealed = *sealer_.seal(SealedKind::Record, view_of("data"), view_of("text"));
  EXPECT_THAT(open(sealed, "date"), FailsWith(Status::PsaErrorDataCorrupt));
  EXPECT_THAT(sealer_.unseal(SealedKind::Head, view_of("data"), sealed.salt, sealed.sealed),
              FailsWith(Status::PsaErrorDataCorrupt));
  EXPECT_THAT(
      sealer_of('l').unseal(SealedKind::Record, view_of("data"), sealed.salt, sealed.sealed),
      FailsWith(Status::PsaErrorDataCorrupt));
}

// Computed apart from this code, with HKDF and AESGCM of Python's cryptography package.
TEST_F(SealingTest, FormatIsTheDocumentedOne) {
  constexpr std::array<unsigned char, 20> kSealed = {0x9d, 0x27, 0xce, 0x26, 0x5f, 0x2f, 0xb4,
                                                     0xe8, 0xa4, 0x3c, 0x35, 0x92, 0x01, 0x0b,
                                                     0x38, 0x3b, 0xdd, 0x99, 0xaa, 0xd0};
  Bytes salt(32, std::byte{0x11});
  Result<SecretBuffer> opened =
      sealer_.unseal(SealedKind::Record, view_of("data"), salt, std::as_bytes(std::span(kSealed)));
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(text_of(opened->reveal()), "text");
  EXPECT_EQ(to_hex(sealer_.derive("strongroom check value v1", 32)->reveal()),
            "995d3790f01eeb5c8cfb1cfa133ec871"
            "091244ef13650dfcebe55f7a8900fdcb");
}

}  // namespace
}  // namespace strongroom::testing
