#include "tests/conformance/openssl_oracle.h"
#include "tests/conformance/provider_conformance.h"

namespace strongroom::conformance {
namespace {

struct HashVector {
  psa::Hash hash;
  std::string_view digest;
};
// The message "abc": RFC 1320 §A.5, RFC 1321 §A.5, Dobbertin, Bosselaers and Preneel's RIPEMD-160,
// and NIST's example values for FIPS 180-4 and FIPS 202.
constexpr std::array kOfAbc = {
    HashVector{psa::Hash::Md4, "a448017aaf21d8525fc10ae87aa6729d"},
    HashVector{psa::Hash::Md5, "900150983cd24fb0d6963f7d28e17f72"},
    HashVector{psa::Hash::Ripemd160, "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"},
    HashVector{psa::Hash::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
    HashVector{psa::Hash::Sha3_224, "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf"},
    HashVector{psa::Hash::Sha3_256,
               "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"},
    HashVector{psa::Hash::Sha3_384,
               "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b2"
               "98d88cea927ac7f539f1edf228376d25"},
    HashVector{psa::Hash::Sha3_512,
               "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e"
               "10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0"},
    HashVector{psa::Hash::Sha224, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"},
    HashVector{psa::Hash::Sha256,
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    HashVector{psa::Hash::Sha384,
               "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
               "8086072ba1e7cc2358baeca134c825a7"},
    HashVector{psa::Hash::Sha512,
               "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
               "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    HashVector{psa::Hash::Sha512_224, "4634270f707b6a54daae7530460842e20e37ed265ceee9a43e8924aa"},
    HashVector{psa::Hash::Sha512_256,
               "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23"},
};

TEST_P(ProviderConformance, HashesGiveThePublishedResults) {
  if (provider().hasher() == nullptr) GTEST_SKIP() << "no hasher";
  for (const auto& [hash, expected] : kOfAbc) {
    auto computed = provider().hasher()->compute(hash, view_of("abc"));
    if (!computed && computed.error().status() == Status::PsaErrorNotSupported) continue;
    ASSERT_THAT(computed, IsOk());
    EXPECT_EQ(to_hex(*computed), expected);
  }
}

TEST_P(ProviderConformance, HashesOfNothingAndOfMuchAgreeWithOpenssl) {
  if (provider().hasher() == nullptr) GTEST_SKIP() << "no hasher";
  Bytes much(1'000'003, std::byte{0x61});
  for (ByteView input : {ByteView(), ByteView(much)})
    EXPECT_THAT(provider().hasher()->compute(psa::Hash::Sha256, input),
                IsOkAndHolds(oracle::digest(psa::Hash::Sha256, input)));
}

TEST_P(ProviderConformance, RandomBytesAreExactlyAsManyAsAskedFor) {
  if (provider().random() == nullptr) GTEST_SKIP() << "no random source";
  for (std::size_t size : {0U, 1U, 31U, 4096U, 200'001U}) {
    auto random = provider().random()->generate(size);
    ASSERT_THAT(random, IsOk());
    EXPECT_EQ(random->size(), size);
  }
}

TEST_P(ProviderConformance, RandomBytesDoNotRepeat) {
  if (provider().random() == nullptr) GTEST_SKIP() << "no random source";
  auto one = provider().random()->generate(32);
  auto other = provider().random()->generate(32);
  ASSERT_THAT(one, IsOk());
  ASSERT_THAT(other, IsOk());
  EXPECT_FALSE(*one == *other);
}

}  // namespace
}  // namespace strongroom::conformance
