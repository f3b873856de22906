// Forged RSA signatures: blocks that no owner signs, signed all the same with the key of the tests,
// and numbers that take no key to make.
#include <algorithm>

#include "tests/conformance/attacks/arithmetic.h"
#include "tests/conformance/openssl_oracle.h"
#include "tests/conformance/provider_conformance.h"
#include "tests/conformance/test_keys.h"

namespace strongroom::conformance {
namespace {

using namespace attacks;

constexpr std::size_t kModulus = 256;
constexpr psa::AsymmetricSignature kRaw{psa::AsymmetricSignature::Kind::RsaPkcs1v15Raw, {}};
constexpr std::string_view kMessage = "a message that the owner of the key has signed";

Bytes hash_of(std::string_view message) {
  return oracle::digest(psa::Hash::Sha256, view_of(message));
}

// RFC 8017 §9.2, note 1.
Bytes digest_info(std::string_view message) {
  return joined({from_hex("3031300d060960864801650304020105000420"), hash_of(message)});
}

// 00 01 FF … FF 00, and after it what is to be signed.
Bytes block_around(ByteView content) {
  Bytes block(kModulus - content.size(), std::byte{0xff});
  block[0] = std::byte{0};
  block[1] = std::byte{1};
  block.back() = std::byte{0};
  return joined({block, content});
}

Bytes signed_by_owner(ByteView block) {
  return rsa_power(rsa_pair_der(2048), block);
}

// The good block with one byte changed.
std::vector<Bytes> changed_paddings() {
  Bytes good = block_around(digest_info(kMessage));
  std::size_t separator = kModulus - digest_info(kMessage).size() - 1;
  std::vector<Bytes> blocks;
  for (auto [at, value] : {std::pair(std::size_t{0}, 1),
                           {1, 0},
                           {1, 2},
                           {2, 0},
                           {2, 0xfe},
                           {separator - 1, 0xfe},
                           {separator, 1},
                           {separator, 0xff}}) {
    blocks.push_back(good);
    blocks.back()[at] = static_cast<std::byte>(value);
  }
  return blocks;
}

// What Bleichenbacher (2006) showed: padding of eight bytes, and room behind the hash that a
// verifier does not look at.
std::vector<Bytes> blocks_with_room() {
  Bytes info = digest_info(kMessage);
  Bytes short_padding = joined({from_hex("0001ffffffffffffffff00"), info});
  Bytes zeros = short_padding;
  zeros.resize(kModulus);
  Bytes ones = short_padding;
  ones.resize(kModulus, std::byte{0xff});
  return {zeros, ones, block_around(joined({info, Bytes(1)})),
          block_around(joined({info, hash_of(kMessage)}))};
}

// DigestInfo in every way but the one of DER.
std::vector<Bytes> other_digest_infos() {
  Bytes hash = hash_of(kMessage);
  std::vector<Bytes> blocks;
  for (std::string_view head : {
           "302f300b0609608648016503040201"
           "0420",                                  // no NULL
           "3030300c0609608648016503040201050420",  // half a NULL
           "3033300f0609608648016503040201"
           "0402aaaa"
           "0420",  // something else in its place
           "3033300f0609608648016503040201"
           "05000500"
           "0420",  // two of them
           "3032300d0609608648016503040201"
           "0500"
           "048120",  // a long form for 32
           "3033300d0609608648016503040201"
           "0500"
           "04820020",  // a longer one
           "3032300e0609608648016503040201"
           "058100"
           "0420",  // one for the NULL
           "308131300d0609608648016503040201"
           "0500"
           "0420",  // one for the whole
           "3080300d0609608648016503040201"
           "0500"
           "0420",  // no length at all
           "3031300d0609608648016503040202"
           "0500"
           "0420",  // SHA-384's name
           "3031300d0609608648016503040206"
           "0500"
           "0420",  // SHA-512/256's name
           "3031300d0609608648016503040201"
           "0500"
           "0320",  // a BIT STRING
           "3131300d0609608648016503040201"
           "0500"
           "0420",  // a SET
           "3020300c06082a864886f70d0205"
           "0500"
           "0410",  // MD5's name and length
           "0420",  // no name
           "",      // the hash alone
       })
    blocks.push_back(block_around(joined({from_hex(head), hash})));
  Bytes longer = joined({from_hex("3032300d060960864801650304020105000421"), hash, Bytes(1)});
  Bytes shorter =
      joined({from_hex("3030300d06096086480165030402010500041f"), ByteView(hash).first(31)});
  for (const Bytes& info : {longer, shorter})
    blocks.push_back(block_around(info));
  return blocks;
}

TEST_P(ProviderConformance, ForgedPkcs1SignaturesAreInvalid) {
  for (const auto& algorithm : {kPkcs1Sha256, kRaw}) {
    if (!can(Capability::Use, kRsaPublic, 2048, algorithm)) continue;
    auto key = imported(attributes_of(kRsaPublic, 2048, algorithm), fixed_key(kRsaPublic, 2048));
    ASSERT_NE(key, nullptr);
    auto verify = [&](const Bytes& block) {
      Bytes asked = algorithm.hash ? hash_of(kMessage) : digest_info(kMessage);
      return provider().signer()->verify_hash(*key, algorithm, asked, signed_by_owner(block));
    };
    ASSERT_THAT(verify(block_around(digest_info(kMessage))), IsOk());
    for (const auto& blocks : {changed_paddings(), blocks_with_room(), other_digest_infos()})
      for (const Bytes& block : blocks)
        EXPECT_THAT(verify(block), FailsWith(Status::PsaErrorInvalidSignature)) << to_hex(block);
  }
}

// With an exponent of 3 the cube root of a block with room is a signature that takes no key.
TEST_P(ProviderConformance, CubeRootsAreNoSignatures) {
  Bytes modulus = rsa_numbers(fixed_key(kRsaPublic, 2048))[0];
  Bytes public_key = rsa_key(std::array{modulus, Bytes(1, std::byte{3})});
  auto imported_key =
      provider().keys()->import(attributes_of(kRsaPublic, 2048, kPkcs1Sha256), public_key);
  if (!imported_key) GTEST_SKIP() << "no exponent of 3";
  auto key = store(*std::move(imported_key));
  Bytes root = from_hex(
      "32cbfd4a7adc7905583d767520f51640759176d37826f2ef63ae3dc7ac2dbd4b866db1c53ae69589b11051ff2f"
      "b333e5c7f5585bc211f649a80eda1e845865c89c6a1cd8b9c5221986bfa503c8c34831efcc51cc9b");
  Bytes signature = joined({Bytes(kModulus - root.size()), root});
  Bytes block = product_of(product_of(signature, signature, joined({Bytes(1), modulus})), signature,
                           joined({Bytes(1), modulus}));
  ASSERT_EQ(to_hex(block).substr(0, 22), "0001ffffffffffffffff00");
  EXPECT_THAT(provider().signer()->verify_hash(*key, kPkcs1Sha256, hash_of(kMessage), signature),
              FailsWith(Status::PsaErrorInvalidSignature));
}

struct SignedMessage {
  psa::AsymmetricSignature algorithm;
  Bytes hash;
  Bytes signature;
};

// PSS with a signature below 2^2040; the other two are made from a message that was searched for.
std::vector<SignedMessage> signatures_with_a_leading_zero() {
  constexpr std::string_view kFound = "message 447";
  Bytes pkcs1 = signed_by_owner(block_around(digest_info(kFound)));
  Bytes pss = from_hex(
      "006ec00ce8b663d07b21b7056670f4b70980f460b24b14bfd171fb1050e48292499dfa1353787bf2a1244dcd7dc5"
      "c58b9c5ad481949109c4e6de325fbc4f0511a3aeac18db48e17ad4d19d67435efa77b0500d3a7ce45913112671b5"
      "bb6cd5dfdb2511bf0a3195e32c06807e349a3b05ddcf15ca13fbb708de01538308620e52dc7dd18e4593a52ace9d"
      "10c538dfb32c8bf5a9e8342d071f443bb68d26e0bc83a279bdc21010540f16e515a9ed4a809a1248baef59ab849f"
      "d9a65b54b6ad97dc5cdb0af5632c5f68ecc0d2a04da7f8191808c67b870b50d619262c856efa7ac17066a8c1a4be"
      "623e6f560513c6267945eceffca1d316129b3b0f4e82883005df");
  return {{kPkcs1Sha256, hash_of(kFound), pkcs1},
          {kRaw, digest_info(kFound), pkcs1},
          {kPssSha256, hash_of("message"), pss}};
}

// RFC 8017 §8.1.2 and §8.2.2, step 1: as long as the modulus, although the number is the same.
TEST_P(ProviderConformance, RsaSignaturesOfAnotherLengthAreInvalid) {
  for (const auto& [algorithm, hash, signature] : signatures_with_a_leading_zero()) {
    if (!can(Capability::Use, kRsaPublic, 2048, algorithm)) continue;
    SCOPED_TRACE(to_string(algorithm));
    auto key = imported(attributes_of(kRsaPublic, 2048, algorithm), fixed_key(kRsaPublic, 2048));
    ASSERT_NE(key, nullptr);
    ASSERT_THAT(provider().signer()->verify_hash(*key, algorithm, hash, signature), IsOk());
    Bytes shorter = copy_of(ByteView(signature).subspan(1));
    Bytes longer = joined({Bytes(1), signature});
    Bytes followed = joined({signature, Bytes(1)});
    for (const Bytes& bad : {shorter, longer, followed, Bytes(1), Bytes()})
      EXPECT_THAT(provider().signer()->verify_hash(*key, algorithm, hash, bad),
                  FailsWith(Status::PsaErrorInvalidSignature))
          << bad.size();
  }
}

// RFC 8017 §5.2.2, step 1: below the modulus, although the power is the same.
TEST_P(ProviderConformance, RsaSignaturesBeyondTheModulusAreInvalid) {
  constexpr std::string_view kFound = "message 1";  // whose signature plus n has 2048 bits
  for (const auto& algorithm : {kPkcs1Sha256, kRaw}) {
    if (!can(Capability::Use, kRsaPublic, 2048, algorithm)) continue;
    auto key = imported(attributes_of(kRsaPublic, 2048, algorithm), fixed_key(kRsaPublic, 2048));
    ASSERT_NE(key, nullptr);
    Bytes modulus = copy_of(ByteView(rsa_numbers(fixed_key(kRsaPublic, 2048))[0]).last(kModulus));
    Bytes good = signed_by_owner(block_around(digest_info(kFound)));
    Bytes asked = algorithm.hash ? hash_of(kFound) : digest_info(kFound);
    ASSERT_THAT(provider().signer()->verify_hash(*key, algorithm, asked, good), IsOk());
    ASSERT_TRUE(is_less(good, sum_of(good, modulus)));
    for (const Bytes& bad : {sum_of(good, modulus), difference_of(modulus, good), modulus,
                             oracle::plus(modulus, -1), oracle::plus(modulus, 1), Bytes(kModulus),
                             oracle::plus(Bytes(kModulus), 1), Bytes(kModulus, std::byte{0xff})})
      EXPECT_THAT(provider().signer()->verify_hash(*key, algorithm, asked, bad),
                  FailsWith(Status::PsaErrorInvalidSignature));
  }
}

// RFC 8017 §9.1.1, with what the attack changes.
struct PssBlock {
  std::size_t salt_size = 32;
  psa::Hash mgf_hash = psa::Hash::Sha256;
  std::byte trailer{0xbc};
  std::byte padding{0x00};
  std::byte separator{0x01};
  bool keeps_top_bit = false;

  Bytes operator()() const {
    Bytes salt = counting(salt_size);
    Bytes h = oracle::digest(psa::Hash::Sha256, joined({Bytes(8), hash_of(kMessage), salt}));
    Bytes db(kModulus - h.size() - 1 - salt.size() - 1, padding);
    db = joined({db, ByteView(&separator, 1), salt});
    mask(db, mgf1(mgf_hash, h, db.size()));
    if (keeps_top_bit)
      db[0] |= std::byte{0x80};
    else
      db[0] &= std::byte{0x7f};
    return joined({db, h, ByteView(&trailer, 1)});
  }
};

TEST_P(ProviderConformance, PssBlocksOfAnotherFormAreInvalid) {
  if (!can(Capability::Use, kRsaPublic, 2048, kPssSha256)) GTEST_SKIP() << "no PSS";
  auto key = imported(attributes_of(kRsaPublic, 2048, kPssSha256), fixed_key(kRsaPublic, 2048));
  ASSERT_NE(key, nullptr);
  Bytes modulus = copy_of(ByteView(rsa_numbers(fixed_key(kRsaPublic, 2048))[0]).last(kModulus));
  auto verify = [&](const PssBlock& block) {
    EXPECT_TRUE(is_less(block(), modulus));
    return provider().signer()->verify_hash(*key, kPssSha256, hash_of(kMessage),
                                            signed_by_owner(block()));
  };
  ASSERT_THAT(verify({}), IsOk());
  auto invalid = FailsWith(Status::PsaErrorInvalidSignature);
  for (std::size_t size : {0U, 1U, 20U, 31U, 33U, 64U, 222U})
    EXPECT_THAT(verify({.salt_size = size}), invalid) << size;
  EXPECT_THAT(verify({.mgf_hash = psa::Hash::Sha1}), invalid);
  EXPECT_THAT(verify({.trailer = std::byte{0xcc}}), invalid);
  EXPECT_THAT(verify({.trailer = std::byte{0xbd}}), invalid);
  EXPECT_THAT(verify({.padding = std::byte{0x01}}), invalid);
  EXPECT_THAT(verify({.separator = std::byte{0x00}}), invalid);
  EXPECT_THAT(verify({.separator = std::byte{0x02}}), invalid);
}

// The highest bit is outside of what is encoded, so that it must be zero; not every such block is
// below the modulus.
TEST_P(ProviderConformance, PssBlocksWithTheTopBitSetAreInvalid) {
  if (!can(Capability::Use, kRsaPublic, 2048, kPssSha256)) GTEST_SKIP() << "no PSS";
  auto key = imported(attributes_of(kRsaPublic, 2048, kPssSha256), fixed_key(kRsaPublic, 2048));
  ASSERT_NE(key, nullptr);
  Bytes block = PssBlock{.keeps_top_bit = true}();
  block[0] &= std::byte{0x9f};
  EXPECT_THAT(
      provider().signer()->verify_hash(*key, kPssSha256, hash_of(kMessage), signed_by_owner(block)),
      FailsWith(Status::PsaErrorInvalidSignature));
}

}  // namespace
}  // namespace strongroom::conformance
