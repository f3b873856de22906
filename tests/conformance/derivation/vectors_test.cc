// RFC 5869 appendix A, and the vectors of TLS 1.2's PRF that the IETF's TLS working group has used
// since its list's message 03416 (2009).
#include <array>
#include <string_view>

#include "tests/conformance/provider_conformance.h"

namespace strongroom::conformance {
namespace {

using Kind = psa::KeyDerivation::Kind;

struct Vector {
  std::string_view name;
  psa::KeyDerivation algorithm;
  std::string_view secret;
  std::string_view first;   // salt or label
  std::string_view second;  // info or seed
  std::string_view output;
};
constexpr std::array kVectors = {
    Vector{"RFC 5869 A.1",
           {Kind::Hkdf, psa::Hash::Sha256},
           "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
           "000102030405060708090a0b0c",
           "f0f1f2f3f4f5f6f7f8f9",
           "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b88718"
           "5865"},
    Vector{"RFC 5869 A.2",
           {Kind::Hkdf, psa::Hash::Sha256},
           "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627"
           "28292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
           "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f8081828384858687"
           "88898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
           "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7"
           "d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
           "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac78272"
           "71cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f"
           "1d87"},
    Vector{"RFC 5869 A.3",
           {Kind::Hkdf, psa::Hash::Sha256},
           "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
           "",
           "",
           "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a"
           "96c8"},
    Vector{"RFC 5869 A.4",
           {Kind::Hkdf, psa::Hash::Sha1},
           "0b0b0b0b0b0b0b0b0b0b0b",
           "000102030405060708090a0b0c",
           "f0f1f2f3f4f5f6f7f8f9",
           "085a01ea1b10f36933068b56efa5ad81a4f14b822f5b091568a9cdd4f155fda2c22e422478d305f3"
           "f896"},
    Vector{"RFC 5869 A.5",
           {Kind::Hkdf, psa::Hash::Sha1},
           "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627"
           "28292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
           "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f8081828384858687"
           "88898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
           "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7"
           "d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
           "0bd770a74d1160f7c9f12cd5912a06ebff6adcae899d92191fe4305673ba2ffe8fa3f1a4e5ad79f3"
           "f334b3b202b2173c486ea37ce3d397ed034c7f9dfeb15c5e927336d0441f4c4300e2cff0d0900b52"
           "d3b4"},
    Vector{"RFC 5869 A.6",
           {Kind::Hkdf, psa::Hash::Sha1},
           "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
           "",
           "",
           "0ac1af7002b3d761d1e55298da9d0506b9ae52057220a306e07b6b87e8df21d0ea00033de03984d3"
           "4918"},
    Vector{"RFC 5869 A.7",
           {Kind::Hkdf, psa::Hash::Sha1},
           "0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c",
           "",
           "",
           "2c91117204d745f3500d636a62f64f0ab3bae548aa53d423b0d1f27ebba6f5e5673a081d70cce7ac"
           "fc48"},
    Vector{"P_SHA256",
           {Kind::Tls12Prf, psa::Hash::Sha256},
           "9bbe436ba940f017b17652849a71db35",
           "74657374206c6162656c",
           "a0ba9f936cda311827a6f796ffd5198c",
           "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9"
           "c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789ba"
           "a48082d122ee42c5a72e5a5110fff70187347b66"},
    Vector{"P_SHA384",
           {Kind::Tls12Prf, psa::Hash::Sha384},
           "b80b733d6ceefcdc71566ea48e5567df",
           "74657374206c6162656c",
           "cd665cf6a8447dd6ff8b27555edb7465",
           "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cde9ca0faa60be9fe3"
           "4f82b1233c9146a0e534cb400fed2700884f9dc236f80edd8bfa961144c9e8d792eca722a7b32fc3"
           "d416d473ebc2c5fd4abfdad05d9184259b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236"
           "a3e52655c9e9aee691c8f3a26854308d5eaa3be85e0990703d73e56f"},
    Vector{"P_SHA512",
           {Kind::Tls12Prf, psa::Hash::Sha512},
           "b0323523c1853599584d88568bbb05eb",
           "74657374206c6162656c",
           "d4640e12e4bcdbfb437f03e6ae418ee5",
           "1261f588c798c5c201ff036e7a9cb5edcd7fe3f94c669a122a4638d7d508b283042df6789875c714"
           "7e906d868bc75c45e20eb40c1cf4a1713b27371f68432592f7dc8ea8ef223e12ea8507841311bf68"
           "653d0cfc4056d811f025c45ddfa6e6fec702f054b409d6f28dd0a3233e498da41a3e75c5630eedbe"
           "22fe254e33a1b0e9f6b9826675bec7d01a845658dc9c397545401d40b9f46c7a400ee1b8f81ca0a6"
           "0d1a397a1028bff5d2ef5066126842fb8da4197632bdb54ff6633f86bbc836e640d4d898"},
};

TEST_P(ProviderConformance, DerivationsGiveThePublishedOutput) {
  for (const Vector& vector : kVectors) {
    if (!can(Capability::Use, kDerive, 256, vector.algorithm)) continue;
    SCOPED_TRACE(vector.name);
    auto secret = imported(attributes_of(kDerive, 0, vector.algorithm), from_hex(vector.secret));
    ASSERT_NE(secret, nullptr);
    const Bytes first = from_hex(vector.first);
    const Bytes second = from_hex(vector.second);
    const bool is_hkdf = vector.algorithm.kind == Kind::Hkdf;
    const DerivationInput input =
        is_hkdf ? DerivationInput{.salt = first, .info = second, .label = {}, .seed = {}}
                : DerivationInput{.salt = {}, .info = {}, .label = first, .seed = second};
    auto data = derived(*secret, vector.algorithm, input, kRawData,
                        static_cast<std::uint32_t>(4 * vector.output.size()));
    ASSERT_THAT(data, IsOk());
    EXPECT_EQ(to_hex(*data), vector.output);
  }
}

}  // namespace
}  // namespace strongroom::conformance
