#include "providers/software/keys/rsa_key.h"

#include <array>
#include <chrono>
#include <thread>

#include "providers/software/keys/der.h"
#include "tests/support/hex.h"
#include "tests/support/matchers.h"

namespace strongroom::software {
namespace {

using testing::FailsWith;
using testing::from_hex;
using testing::IsOk;

psa::KeyAttributes pair_of(std::uint32_t bits) {
  return {.type = {psa::KeyType::Kind::RsaKeyPair, std::nullopt},
          .bits = bits,
          .usage = {},
          .algorithm = {}};
}
psa::KeyAttributes public_key_of(std::uint32_t bits) {
  return {.type = {psa::KeyType::Kind::RsaPublicKey, std::nullopt},
          .bits = bits,
          .usage = {},
          .algorithm = {}};
}

Bytes written(std::span<const ByteView> integers) {
  Bytes der(size_of_integers(integers));
  write_integers(integers, der);
  return der;
}

Bytes public_der(ByteView modulus, std::string_view exponent) {
  Bytes e = from_hex(exponent);
  return written(std::array<ByteView, 2>{modulus, e});
}

// A pair of 2048 bits, and its nine integers to be changed by tests.
class RsaImport : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto made = generate_rsa(pair_of(2048), {});
    ASSERT_THAT(made, IsOk());
    pair_ = std::make_unique<NewKey>(*std::move(made));
  }
  static void TearDownTestSuite() { pair_.reset(); }

  void SetUp() override {
    ASSERT_THAT(parse_integers(pair_->material.reveal(), integers_), IsOk());
  }

  Result<NewKey> import_changed() { return import_rsa_pair(pair_of(2048), written(integers_)); }

  inline static std::unique_ptr<NewKey> pair_;
  std::array<ByteView, 9> integers_;
};

TEST_F(RsaImport, AGeneratedPairIsImportedAsItWas) {
  auto imported = import_rsa_pair(pair_of(0), pair_->material.reveal());
  ASSERT_THAT(imported, IsOk());
  EXPECT_TRUE(imported->material == pair_->material);
  EXPECT_EQ(imported->public_key, pair_->public_key);
  EXPECT_EQ(imported->attributes, pair_->attributes);
}

TEST_F(RsaImport, AnotherVersionIsRefused) {
  Bytes one = from_hex("01");
  integers_[0] = one;
  EXPECT_THAT(import_changed(), FailsWith(Status::PsaErrorInvalidArgument));
}

TEST_F(RsaImport, EachNumberMustBelongToTheOthers) {
  Bytes three = from_hex("03");
  for (std::size_t i = 2; i < integers_.size(); ++i) {
    ByteView kept = integers_[i];
    for (ByteView other : {ByteView(three), ByteView(), ByteView(integers_[1])}) {
      integers_[i] = other;
      EXPECT_THAT(import_changed(), FailsWith(Status::PsaErrorInvalidArgument)) << i;
    }
    integers_[i] = kept;
  }
  EXPECT_THAT(import_changed(), IsOk());
}

TEST_F(RsaImport, PrimesExchangedWithoutTheirNumbersAreRefused) {
  std::swap(integers_[4], integers_[5]);
  EXPECT_THAT(import_changed(), FailsWith(Status::PsaErrorInvalidArgument));
}

TEST_F(RsaImport, TheTrivialFactorsAreRefused) {
  Bytes one = from_hex("01");
  integers_[4] = integers_[1];
  integers_[5] = one;
  EXPECT_THAT(import_changed(), FailsWith(Status::PsaErrorInvalidArgument));
}

TEST_F(RsaImport, PublicExponentsMustBeOddAndNotOneAndAreBounded) {
  ByteView modulus = integers_[1];
  for (std::string_view bad : {"", "01", "02", "010000"})
    EXPECT_THAT(import_rsa_public_key(public_key_of(2048), public_der(modulus, bad)),
                FailsWith(Status::PsaErrorInvalidArgument))
        << bad;
  for (std::string_view good : {"03", "010001", "ffffffffffffffff"})
    EXPECT_THAT(import_rsa_public_key(public_key_of(0), public_der(modulus, good)), IsOk()) << good;
  EXPECT_THAT(import_rsa_public_key(public_key_of(0), public_der(modulus, "010000000000000001")),
              FailsWith(Status::PsaErrorNotSupported));
}

TEST_F(RsaImport, ModuliMustBeOddAndOfAnOfferedSize) {
  Bytes even = copy_of(integers_[1]);
  even.back() &= std::byte{0xfe};
  EXPECT_THAT(import_rsa_public_key(public_key_of(2048), public_der(even, "010001")),
              FailsWith(Status::PsaErrorInvalidArgument));
  ByteView low_half = integers_[1].last(96);
  Bytes small = copy_of(low_half);
  small[0] |= std::byte{0x80};
  EXPECT_THAT(import_rsa_public_key(public_key_of(0), public_der(small, "010001")),
              FailsWith(Status::PsaErrorNotSupported));
  EXPECT_THAT(import_rsa_public_key(public_key_of(2048), public_der(small, "010001")),
              FailsWith(Status::PsaErrorInvalidArgument));
}

TEST(RsaGeneration, StopsWithinASecondOfBeingAskedTo) {
  using Clock = std::chrono::steady_clock;
  // Luck may end a generation before the request: then the next one is asked.
  for (int round = 0; round < 20; ++round) {
    std::stop_source source;
    Clock::time_point asked;
    std::jthread asker([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      asked = Clock::now();
      source.request_stop();
    });
    auto made = generate_rsa(pair_of(4096), source.get_token());
    Clock::time_point answered = Clock::now();
    asker.join();
    if (made) continue;
    EXPECT_THAT(made, FailsWith(Status::PsaErrorGenericError));
    EXPECT_EQ(made.error().message(), "generating an RSA key: cancelled");
    EXPECT_LT(answered - asked, std::chrono::seconds(1));
    return;
  }
  FAIL() << "no generation was stopped";
}

}  // namespace
}  // namespace strongroom::software
