// RSA keys that are made to be dangerous: numbers that do not belong together, or that OpenSSL
// would compute with although nobody has made such a key; and DER that says more than the key.
#include "tests/conformance/attacks/arithmetic.h"
#include "tests/conformance/openssl_oracle.h"
#include "tests/conformance/provider_conformance.h"
#include "tests/conformance/test_keys.h"

namespace strongroom::conformance {
namespace {

using namespace attacks;

// In RSAPrivateKey, RFC 8017 §A.1.2.
enum Index : std::size_t { kVersion, kN, kE, kD, kP, kQ, kDp, kDq, kQinv };

const Bytes kOne(1, std::byte{1});

Bytes number(std::string_view hex) {
  return from_hex(hex);
}

// The numbers of the test key, those given exchanged for others.
Bytes changed(std::initializer_list<std::pair<Index, Bytes>> changes) {
  std::vector<Bytes> numbers = rsa_numbers(rsa_pair_der(2048));
  for (const auto& [index, value] : changes)
    numbers[index] = value;
  return rsa_key(numbers);
}

// With room for a sum.
Bytes wide(ByteView value) {
  return joined({Bytes(8), value});
}

// d plus a multiple of (p-1)·(q-1) is an exponent of the same key, but not one below n.
Bytes exponent_beyond_modulus(const std::vector<Bytes>& numbers) {
  Bytes modulus = wide(numbers[kN]);
  Bytes totient =
      oracle::plus(difference_of(difference_of(modulus, wide(numbers[kP])), wide(numbers[kQ])), 1);
  Bytes exponent = wide(numbers[kD]);
  while (is_less(exponent, modulus))
    exponent = sum_of(exponent, totient);
  return exponent;
}

TEST_P(ProviderConformance, RsaPairsThatNobodyMadeAreRefused) {
  if (!can(Capability::Import, kRsaPair, 2048)) GTEST_SKIP() << "no RSA import";
  std::vector<Bytes> good = rsa_numbers(rsa_pair_der(2048));
  const Bytes& n = good[kN];
  auto plus = [&](Index index, int small) { return oracle::plus(good[index], small); };
  const std::vector<std::pair<std::string_view, Bytes>> keys = {
      {"n is not p·q", changed({{kN, plus(kN, 2)}})},
      {"n is even", changed({{kN, plus(kN, 1)}})},
      {"e is 0", changed({{kE, Bytes()}})},
      {"e is 1, and d with it", changed({{kE, kOne}, {kD, kOne}, {kDp, kOne}, {kDq, kOne}})},
      {"e is even", changed({{kE, number("010000")}})},
      {"e is another", changed({{kE, number("010003")}})},
      {"e is n - 2", changed({{kE, plus(kN, -2)}})},
      {"d is 0", changed({{kD, Bytes()}})},
      {"d is another", changed({{kD, plus(kD, 2)}})},
      {"d is not below n", changed({{kD, exponent_beyond_modulus(good)}})},
      {"p is q", changed({{kP, good[kQ]}, {kDp, good[kDq]}})},
      {"p and q are exchanged", changed({{kP, good[kQ]}, {kQ, good[kP]}})},
      {"p is 1", changed({{kP, kOne}, {kQ, n}})},
      {"p is n", changed({{kP, n}, {kQ, kOne}})},
      {"p is even", changed({{kP, plus(kP, 1)}})},
      {"d mod (p-1) is another", changed({{kDp, plus(kDp, 1)}})},
      {"d mod (q-1) is another", changed({{kDq, plus(kDq, -1)}})},
      {"d mod (p-1) is d", changed({{kDp, good[kD]}})},
      {"1/q mod p is another", changed({{kQinv, plus(kQinv, 1)}})},
      {"1/q mod p plus p", changed({{kQinv, sum_of(wide(good[kQinv]), wide(good[kP]))}})},
      {"1/q mod p is 0", changed({{kQinv, Bytes()}})},
  };
  for (const auto& [what, der] : keys)
    for (std::uint32_t bits : {2048U, 0U})
      EXPECT_THAT(provider().keys()->import(attributes_of(kRsaPair, bits, kPssSha256), der),
                  FailsWith(Status::PsaErrorInvalidArgument))
          << what;
}

// p = q: n is a square, and everything else fits.
TEST_P(ProviderConformance, RsaPairsOfOnePrimeAreRefused) {
  if (!can(Capability::Import, kRsaPair, 2048)) GTEST_SKIP() << "no RSA import";
  std::vector<Bytes> good = rsa_numbers(rsa_pair_der(2048));
  Bytes zeros(good[kN].size() + 8);
  Bytes p = joined({Bytes(zeros.size() - good[kP].size()), good[kP]});
  Bytes huge(zeros.size() + 1);
  huge[0] = std::byte{1};
  Bytes square = product_of(p, p, huge);
  Bytes der = changed({{kN, square}, {kQ, good[kP]}, {kDq, good[kDp]}, {kQinv, kOne}});
  EXPECT_THAT(provider().keys()->import(attributes_of(kRsaPair, 0, kPssSha256), der),
              FailsWith(Status::PsaErrorInvalidArgument));
}

// X.690 §10: keys have one encoding.
TEST_P(ProviderConformance, RsaKeysInAnotherEncodingAreRefused) {
  if (!can(Capability::Import, kRsaPair, 2048)) GTEST_SKIP() << "no RSA import";
  Bytes der = rsa_pair_der(2048);
  std::vector<Bytes> numbers = rsa_numbers(der);
  ByteView content = ByteView(der).subspan(4);
  // rsaEncryption, RFC 8017 §A.1.
  Bytes pkcs8 = joined({number("020100300d06092a864886f70d010101050004820000"), der});
  pkcs8[20] = static_cast<std::byte>(der.size() >> 8);
  pkcs8[21] = static_cast<std::byte>(der.size() & 0xff);
  Bytes other_version = der;
  other_version[6] = std::byte{1};
  const std::vector<std::pair<std::string_view, Bytes>> keys = {
      {"a byte follows", joined({der, Bytes(1)})},
      {"a byte is missing", copy_of(ByteView(der).first(der.size() - 1))},
      {"a length of three bytes", joined({number("308300"), ByteView(der).subspan(2)})},
      {"no length", joined({number("3080"), content, Bytes(2)})},
      {"a tenth number", der_sequence(joined({content, number("020101")}))},
      {"eight numbers", rsa_key(std::span(numbers).first(8))},
      {"version 1, for more than two primes", other_version},
      {"a version of two bytes", der_sequence(joined({number("02020000"), content.subspan(3)}))},
      {"a negative version", der_sequence(joined({number("0201ff"), content.subspan(3)}))},
      {"a SET", joined({number("31"), ByteView(der).subspan(1)})},
      {"PKCS#8", der_sequence(pkcs8)},
      {"the public key", fixed_key(kRsaPublic, 2048)},
      {"nothing", Bytes()},
      {"an empty SEQUENCE", number("3000")},
  };
  for (const auto& [what, key] : keys)
    EXPECT_THAT(provider().keys()->import(attributes_of(kRsaPair, 2048, kPssSha256), key),
                FailsWith(Status::PsaErrorInvalidArgument))
        << what;
}

TEST_P(ProviderConformance, RsaPublicKeysThatAreNoneAreRefused) {
  if (!can(Capability::Import, kRsaPublic, 2048)) GTEST_SKIP() << "no RSA import";
  Bytes der = fixed_key(kRsaPublic, 2048);
  std::vector<Bytes> numbers = rsa_numbers(der);
  auto key = [&](ByteView n, ByteView e) { return rsa_key(std::array{copy_of(n), copy_of(e)}); };
  Bytes negative = joined({number("0282010000"), ByteView(numbers[0]).last(255)});
  Bytes subject_public_key = joined({number("300d06092a864886f70d01010105000382010f00"), der});
  const std::vector<std::pair<std::string_view, Bytes>> keys = {
      {"n is even", key(oracle::plus(numbers[0], 1), numbers[1])},
      {"n is 0", key(Bytes(), numbers[1])},
      {"e is 0", key(numbers[0], Bytes())},
      {"e is 1", key(numbers[0], kOne)},
      {"e is 2", key(numbers[0], number("02"))},
      {"e is even", key(numbers[0], number("010000"))},
      {"e is n", key(numbers[0], numbers[0])},
      {"n is negative", der_sequence(joined({number("02820100"), ByteView(numbers[0]).last(256),
                                             number("0203010001")}))},
      {"n has leading zeros", der_sequence(joined({negative, number("0203010001")}))},
      {"e has leading zeros",
       der_sequence(joined({der_integer(numbers[0]), number("020400010001")}))},
      {"three numbers", rsa_key(std::array{numbers[0], numbers[1], numbers[1]})},
      {"a byte follows", joined({der, Bytes(1)})},
      {"SubjectPublicKeyInfo", der_sequence(subject_public_key)},
      {"the pair", rsa_pair_der(2048)},
  };
  for (const auto& [what, bad] : keys)
    EXPECT_THAT(provider().keys()->import(attributes_of(kRsaPublic, 2048, kPssSha256), bad),
                FailsWith(Status::PsaErrorInvalidArgument))
        << what;
}

// Sizes that are not offered; with a size that was asked for, data of another is no such key.
TEST_P(ProviderConformance, RsaKeysOfAnotherSizeAreRefused) {
  if (!can(Capability::Import, kRsaPublic, 2048)) GTEST_SKIP() << "no RSA import";
  Bytes exponent = number("010001");
  for (std::size_t bytes : {1U, 64U, 127U, 192U, 255U, 257U, 1024U, 2048U, 8192U}) {
    SCOPED_TRACE(bytes);
    Bytes modulus(bytes, std::byte{0xa5});
    Bytes der = rsa_key(std::array{modulus, exponent});
    auto asked = provider().keys()->import(attributes_of(kRsaPublic, 2048, kPssSha256), der);
    EXPECT_THAT(asked, FailsWith(Status::PsaErrorInvalidArgument));
    auto open = provider().keys()->import(attributes_of(kRsaPublic, 0, kPssSha256), der);
    EXPECT_THAT(open, ::testing::AnyOf(FailsWith(Status::PsaErrorInvalidArgument),
                                       FailsWith(Status::PsaErrorNotSupported)));
  }
}

}  // namespace
}  // namespace strongroom::conformance
