#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "protocol/psa_codec.h"
#include "tests/support/contract_values.h"
#include "tests/support/hex.h"
#include "tests/support/matchers.h"

namespace strongroom {
namespace {

using testing::FailsWith;
using testing::IsOkAndHolds;

using Contract = psa_algorithm::Algorithm;
using Signature = Contract::AsymmetricSignature;

// And the lengths at which a careless codec would stumble.
std::vector<psa::Algorithm> all_and_extreme_algorithms() {
  std::vector<psa::Algorithm> all = testing::all_algorithms();
  for (std::uint32_t size : {0U, UINT32_MAX}) {
    all.emplace_back(psa::Mac{psa::Mac::Kind::Hmac, psa::Hash::Sha256, size});
    all.emplace_back(psa::Aead{psa::Aead::Kind::Gcm, size});
  }
  return all;
}

TEST(AlgorithmCodec, ReturnsEveryAlgorithmUnchanged) {
  for (const psa::Algorithm& algorithm : all_and_extreme_algorithms()) {
    Contract sent = encode(algorithm);
    Contract received;
    ASSERT_TRUE(received.ParseFromString(sent.SerializeAsString()));
    EXPECT_THAT(decode(received), IsOkAndHolds(algorithm)) << psa::to_string(algorithm);
  }
}

TEST(AlgorithmCodec, WritesNoAlgorithmAsAnExplicitPart) {
  EXPECT_EQ(to_hex(view_of(encode(psa::Algorithm(psa::NoAlgorithm())).SerializeAsString())),
            "0a00");
}

TEST(AlgorithmCodec, TellsAnyHashFromNone) {
  Signature::SignHash any;
  any.mutable_any();
  Signature contract;
  *contract.mutable_ecdsa()->mutable_hash_alg() = any;
  psa::AsymmetricSignature signature = {psa::AsymmetricSignature::Kind::Ecdsa, {}};
  EXPECT_THAT(decode(contract), IsOkAndHolds(signature));
  contract.mutable_ecdsa_any();
  signature.kind = psa::AsymmetricSignature::Kind::EcdsaAny;
  EXPECT_THAT(decode(contract), IsOkAndHolds(signature));
}

TEST(AlgorithmCodec, RefusesEnumeratorsThatNobodyDefined) {
  for (int number : {0, 16, 1000, -1, INT32_MIN, INT32_MAX})
    EXPECT_THAT(decode(static_cast<Contract::Hash>(number)), FailsWith(Status::InvalidEncoding));
  for (int number : {0, 9, 1000, -1})
    EXPECT_THAT(decode(static_cast<Contract::Cipher>(number)), FailsWith(Status::InvalidEncoding));
  for (int number : {0, 3, 1000, -1})
    EXPECT_THAT(decode(static_cast<Contract::KeyAgreement::Raw>(number)),
                FailsWith(Status::InvalidEncoding));
}

// A message on the wire, in hex, and what its error names.
struct Flaw {
  const char* hex;
  const char* cause;
};

class AlgorithmFlaw : public ::testing::TestWithParam<Flaw> {};

TEST_P(AlgorithmFlaw, IsNamed) {
  Contract contract;
  Bytes message = testing::from_hex(GetParam().hex);
  ASSERT_TRUE(contract.ParseFromArray(message.data(), static_cast<int>(message.size())));
  auto decoded = decode(contract);
  ASSERT_THAT(decoded, FailsWith(Status::InvalidEncoding));
  EXPECT_EQ(decoded.error().message(), "decoding algorithm: " + std::string(GetParam().cause));
}

constexpr Flaw kFlaws[] = {
    {"", "variant is missing"},
    {"9a3f00", "variant is missing"},  // field 1011, of a later version
    {"1000", "hash is missing"},
    {"1010", "hash 16 does not exist"},
    {"10ffffffffffffffffff01", "hash -1 does not exist"},
    // MAC
    {"1a00", "MAC is missing"},
    {"1a020a00", "full-length MAC is missing"},
    {"1a040a020a00", "hash is missing"},
    {"1a060a040a020863", "hash 99 does not exist"},
    {"1a021200", "full-length MAC is missing"},
    {"1a0412021008", "full-length MAC is missing"},
    {"1a0412020a00", "full-length MAC is missing"},
    {"1a0612040a020a00", "hash is missing"},
    // cipher
    {"2000", "cipher is missing"},
    {"2009", "cipher 9 does not exist"},
    // AEAD
    {"2a00", "AEAD is missing"},
    {"2a020800", "AEAD algorithm is missing"},
    {"2a020804", "AEAD algorithm 4 does not exist"},
    {"2a021200", "AEAD algorithm is missing"},
    {"2a0412020804", "AEAD algorithm 4 does not exist"},
    {"2a0412021010", "AEAD algorithm is missing"},
    // asymmetric signature: each kind that takes a hash, without one
    {"3200", "asymmetric signature is missing"},
    {"32020a00", "hash to sign is missing"},
    {"32021a00", "hash to sign is missing"},
    {"32022200", "hash to sign is missing"},
    {"32023200", "hash to sign is missing"},
    {"320422020a00", "hash to sign is missing"},
    {"320622040a021000", "hash is missing"},
    {"320622040a021010", "hash 16 does not exist"},
    // asymmetric encryption
    {"3a00", "asymmetric encryption is missing"},
    {"3a021200", "hash is missing"},
    {"3a0412020810", "hash 16 does not exist"},
    // key agreement
    {"4200", "key agreement is missing"},
    {"42020800", "raw key agreement is missing"},
    {"42020803", "raw key agreement 3 does not exist"},
    {"42021200", "raw key agreement is missing"},
    {"420412020802", "key derivation is missing"},
    {"4206120408021200", "key derivation is missing"},
    {"42081206080212020a00", "hash is missing"},
    // key derivation
    {"4a00", "key derivation is missing"},
    {"4a020a00", "hash is missing"},
    {"4a021200", "hash is missing"},
    {"4a021a00", "hash is missing"},
    {"4a040a020810", "hash 16 does not exist"},
};

INSTANTIATE_TEST_SUITE_P(AlgorithmCodec, AlgorithmFlaw, ::testing::ValuesIn(kFlaws));

}  // namespace
}  // namespace strongroom
