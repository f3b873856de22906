#include "client/cli/certificates/signature_algorithm.h"

#include <gmock/gmock.h>
#include <openssl/x509.h>

#include "base/bytes.h"

namespace strongroom::cli {
namespace {

using Kind = psa::AsymmetricSignature::Kind;

// What libcrypto calls it.
std::string name_of(const SignatureAlgorithm& algorithm) {
  const unsigned char* end = octets(ByteView(algorithm.identifier));
  X509_ALGOR* read = d2i_X509_ALGOR(nullptr, &end, static_cast<long>(algorithm.identifier.size()));
  if (read == nullptr) return "";
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, read);
  std::string name = OBJ_nid2ln(OBJ_obj2nid(object));
  X509_ALGOR_free(read);
  return name;
}

TEST(SignatureAlgorithm, IsWhatOpensslCallsIt) {
  using psa::Hash;
  for (auto [kind, hash, name] : {std::tuple{Kind::Ecdsa, Hash::Sha224, "ecdsa-with-SHA224"},
                                  {Kind::Ecdsa, Hash::Sha256, "ecdsa-with-SHA256"},
                                  {Kind::DeterministicEcdsa, Hash::Sha384, "ecdsa-with-SHA384"},
                                  {Kind::Ecdsa, Hash::Sha512, "ecdsa-with-SHA512"},
                                  {Kind::RsaPkcs1v15, Hash::Sha224, "sha224WithRSAEncryption"},
                                  {Kind::RsaPkcs1v15, Hash::Sha256, "sha256WithRSAEncryption"},
                                  {Kind::RsaPkcs1v15, Hash::Sha384, "sha384WithRSAEncryption"},
                                  {Kind::RsaPkcs1v15, Hash::Sha512, "sha512WithRSAEncryption"},
                                  {Kind::RsaPss, Hash::Sha256, "rsassaPss"}}) {
    Outcome<SignatureAlgorithm> algorithm = signature_algorithm({kind, hash}, 2048, {});
    ASSERT_TRUE(algorithm) << name;
    EXPECT_EQ(name_of(*algorithm), name);
    EXPECT_EQ(algorithm->requested, (psa::AsymmetricSignature{kind, hash}));
  }
}

// RFC 8410 §3: the OID alone.
TEST(SignatureAlgorithm, OfEdwardsCurvesTakesNoHashAndHasNoParameters) {
  const psa::AsymmetricSignature eddsa{Kind::PureEddsa, std::nullopt};
  for (auto [bits, name] : {std::pair(255U, "ED25519"), std::pair(448U, "ED448")}) {
    Outcome<SignatureAlgorithm> algorithm = signature_algorithm(eddsa, bits, {});
    ASSERT_TRUE(algorithm) << name;
    EXPECT_EQ(name_of(*algorithm), name);
    EXPECT_EQ(algorithm->identifier.size(), 7U);
    EXPECT_EQ(algorithm->requested, eddsa);
  }
  EXPECT_EQ(signature_algorithm(eddsa, 255, "sha512").error().code, ExitCode::NotPermitted);
}

TEST(SignatureAlgorithm, HashThatIsLeftOpenFitsTheSizeOrIsChosen) {
  psa::AsymmetricSignature open{Kind::Ecdsa, std::nullopt};
  EXPECT_EQ(signature_algorithm(open, 256, {})->hash, psa::Hash::Sha256);
  EXPECT_EQ(signature_algorithm(open, 384, {})->hash, psa::Hash::Sha384);
  EXPECT_EQ(signature_algorithm(open, 521, {})->requested.hash, psa::Hash::Sha512);
  EXPECT_EQ(signature_algorithm(open, 256, "sha512")->hash, psa::Hash::Sha512);
  // The service is asked as the policy has it.
  psa::AsymmetricSignature any{Kind::EcdsaAny, std::nullopt};
  EXPECT_EQ(signature_algorithm(any, 256, {})->requested, any);
}

TEST(SignatureAlgorithm, WhatCertificatesDoNotKnowIsNotSupported) {
  auto code = [](Kind kind, std::optional<psa::Hash> hash) {
    return signature_algorithm({kind, hash}, 2048, {}).error().code;
  };
  EXPECT_EQ(code(Kind::Ecdsa, psa::Hash::Sha1), ExitCode::NotSupported);
  EXPECT_EQ(code(Kind::RsaPss, psa::Hash::Sha3_256), ExitCode::NotSupported);
  EXPECT_EQ(code(Kind::RsaPkcs1v15Raw, std::nullopt), ExitCode::NotSupported);
  EXPECT_EQ(signature_algorithm({Kind::Ecdsa, psa::Hash::Sha256}, 256, "sha384").error().code,
            ExitCode::NotPermitted);
}

TEST(SignatureAlgorithm, PssSaltIsThatOfTheService) {
  // As long as the hash, or what a short modulus leaves (PSA).
  auto salt = [](psa::Hash hash, std::uint32_t bits) {
    return to_hex(signature_algorithm({Kind::RsaPss, hash}, bits, {})->identifier)
        .substr(2 * (signature_algorithm({Kind::RsaPss, hash}, bits, {})->identifier.size() - 1));
  };
  EXPECT_EQ(salt(psa::Hash::Sha256, 2048), "20");
  EXPECT_EQ(salt(psa::Hash::Sha512, 2048), "40");
  EXPECT_EQ(salt(psa::Hash::Sha512, 1024), "3e");
}

}  // namespace
}  // namespace strongroom::cli
