// What every provider must do alike, written against the Provider interface alone. Each case runs
// two ways: upon the provider itself, and through the socket of a running service, where every call
// of a facet is a request of the client library. A provider joins by one INSTANTIATE_TEST_SUITE_P
// in a file of its own; what it does not offer is skipped, and the skip says so.
//
// To write a case: TEST_P(ProviderConformance, Property) in a file for its subject. Ask can() for
// what it needs, and skip with a reason, or go on to the next of several, when the answer is no.
// Take keys from some_key(), imported() and store(); a key may be used with any algorithm that goes
// with its type, whatever its attributes say: behind the socket, where policy counts, it is
// imported once more for it. Where the service refuses earlier than a provider, and with another
// status, expect FailsWith(refusal(of_provider, of_service)). What has no sense one of the ways
// says so: if (way() == Way::Socket) GTEST_SKIP() << reason; the skip stands in
// tests/expected_skips*.txt. A new facet gets its socket twin in
// tests/conformance/socket/socket_provider.cc.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "providers/provider.h"
#include "tests/conformance/fixed_keys.h"
#include "tests/support/attributes.h"
#include "tests/support/hex.h"
#include "tests/support/matchers.h"

namespace strongroom::conformance {

using strongroom::testing::FailsWith;
using strongroom::testing::from_hex;
using strongroom::testing::IsOk;
using strongroom::testing::IsOkAndHolds;
using strongroom::testing::kAesGcm;
using strongroom::testing::kEcdsaSha256;
using strongroom::testing::kOaepSha256;

// How the calls of a case reach the provider.
enum class Way { Direct, Socket };

struct ProviderUnderTest {
  std::string name;      // for the test's name
  std::string provider;  // for docs/coverage.md
  Way way;
  bool allows_deprecated;
  std::function<Result<std::unique_ptr<Provider>>()> create;  // an empty one each time
};

inline void PrintTo(const ProviderUnderTest& provider, std::ostream* out) {
  *out << provider.name;
}

inline std::string name_of(const ::testing::TestParamInfo<ProviderUnderTest>& info) {
  return info.param.name;
}

inline constexpr psa::KeyType kAes{psa::KeyType::Kind::Aes, std::nullopt};
inline constexpr psa::KeyType kRawData{psa::KeyType::Kind::RawData, std::nullopt};
inline constexpr psa::KeyType kDerive{psa::KeyType::Kind::Derive, std::nullopt};
inline constexpr psa::KeyType kHmac{psa::KeyType::Kind::Hmac, std::nullopt};
inline constexpr psa::KeyType kCamellia{psa::KeyType::Kind::Camellia, std::nullopt};
inline constexpr psa::KeyType kChacha20{psa::KeyType::Kind::Chacha20, std::nullopt};
inline constexpr psa::KeyType kDes{psa::KeyType::Kind::Des, std::nullopt};
inline constexpr psa::KeyType kArc4{psa::KeyType::Kind::Arc4, std::nullopt};
inline constexpr psa::KeyType kDhPair{psa::KeyType::Kind::DhKeyPair, std::nullopt};
inline constexpr psa::KeyType kDhPublic{psa::KeyType::Kind::DhPublicKey, std::nullopt};
inline constexpr psa::KeyType kRsaPair{psa::KeyType::Kind::RsaKeyPair, std::nullopt};
inline constexpr psa::KeyType kRsaPublic{psa::KeyType::Kind::RsaPublicKey, std::nullopt};
inline constexpr psa::KeyType kEcPair{psa::KeyType::Kind::EccKeyPair, psa::EccFamily::SecpR1};
inline constexpr psa::KeyType kEcPublic{psa::KeyType::Kind::EccPublicKey, psa::EccFamily::SecpR1};
inline constexpr psa::KeyType kEdwardsPair{psa::KeyType::Kind::EccKeyPair,
                                           psa::EccFamily::TwistedEdwards};
inline constexpr psa::KeyType kEdwardsPublic{psa::KeyType::Kind::EccPublicKey,
                                             psa::EccFamily::TwistedEdwards};

inline constexpr psa::AsymmetricSignature kEddsa{psa::AsymmetricSignature::Kind::PureEddsa,
                                                 std::nullopt};
inline constexpr psa::AsymmetricSignature kPkcs1Sha256{psa::AsymmetricSignature::Kind::RsaPkcs1v15,
                                                       psa::Hash::Sha256};
inline constexpr psa::AsymmetricSignature kPssSha256{psa::AsymmetricSignature::Kind::RsaPss,
                                                     psa::Hash::Sha256};
inline constexpr psa::AsymmetricEncryption kPkcs1{psa::AsymmetricEncryption::Kind::RsaPkcs1v15,
                                                  std::nullopt};

// With every usage flag set.
psa::KeyAttributes attributes_of(const psa::KeyType& type, std::uint32_t bits,
                                 const psa::Algorithm& algorithm = psa::NoAlgorithm());

Bytes with_flipped_bit(ByteView bytes, std::size_t at);

class ProviderConformance : public ::testing::TestWithParam<ProviderUnderTest> {
 protected:
  void SetUp() override;
  void TearDown() override;

  Provider& provider() { return *provider_; }
  static Way way() { return GetParam().way; }
  // What to expect of a call that the service refuses before its provider sees it.
  static Status refusal(Status of_provider, Status of_service) {
    return way() == Way::Direct ? of_provider : of_service;
  }
  bool can(Capability capability, const psa::KeyType& type, std::uint32_t bits,
           const psa::Algorithm& algorithm = psa::NoAlgorithm());

  // Whether the provider lets no private and secret keys out again, which is its right.
  static bool is_not_exported(const Result<SecretBuffer>& exported) {
    return !exported && exported.error().status() == Status::PsaErrorNotSupported;
  }
  // Whether OAEP has labels there; a token may not take any, in neither direction.
  bool has_labels(const KeyRecord& key, const psa::AsymmetricEncryption& algorithm);

  // A record as the store would hand it out; destroyed at the test's end.
  KeyRecordPtr store(NewKey key);
  // Null, with a failure recorded, when the provider refuses.
  KeyRecordPtr imported(const psa::KeyAttributes& attributes, ByteView data);
  // The fixed key of the type if the provider imports such, else a new one; null when neither. The
  // same within a test.
  KeyRecordPtr some_key(const psa::KeyType& type, std::uint32_t bits);

  // The data of a new key, by an export.
  Result<Bytes> data_of(Result<NewKey> made);
  // Of one that is derived from `secret`.
  Result<Bytes> derived(const KeyRecord& secret, const psa::KeyDerivation& algorithm,
                        const DerivationInput& input, const psa::KeyType& type, std::uint32_t bits);

 private:
  KeyRecordPtr make_some_key(const psa::KeyType& type, std::uint32_t bits);

  std::unique_ptr<Provider> provider_;
  std::vector<KeyRecordPtr> stored_;
  std::map<std::string, KeyRecordPtr> some_keys_;
};

}  // namespace strongroom::conformance
