// Each command through our sessions and through ESYS's, on one TPM with the same keys: what either
// makes the other takes.
#include "tests/support/tpm/esys.h"
#include "tests/unit/tpm/channel_fixture.h"

namespace strongroom::tpm {
namespace {

using testing::Esys;
using testing::IsOk;
using Session = testing::Esys::Session;

constexpr std::array kSessions = {Session::Password, Session::Hmac, Session::HmacWithEncryption};

ByteView x_of(const TPMT_PUBLIC& area) {
  return std::as_bytes(std::span(area.unique.ecc.x.buffer).first(area.unique.ecc.x.size));
}
ByteView y_of(const TPMT_PUBLIC& area) {
  return std::as_bytes(std::span(area.unique.ecc.y.buffer).first(area.unique.ecc.y.size));
}

Bytes signature_of(const TPMT_SIGNATURE& signature) {
  const TPM2B_PUBLIC_KEY_RSA& number = signature.signature.rsassa.sig;
  return copy_of(std::as_bytes(std::span(number.buffer).first(number.size)));
}

// The TPM has three slots: ours are emptied while ESYS uses them.
class EsysComparison : public ChannelFixture {
 protected:
  KeyBlob our_blob(const psa::KeyType& type, std::uint32_t bits) {
    make_root(RootType::EccP256);
    auto blob = create(secured(), root, *generated_key(type, bits), auth);
    EXPECT_THAT(blob, IsOk());
    return *blob;
  }
};

TEST_F(EsysComparison, KeysThatWeMakeEsysLoadsAndAuthorizes) {
  const KeyBlob blob = our_blob(kEcPair, 256);
  TearDown();
  Esys esys(tpm().tcti());
  ESYS_TR parent = esys.create_primary(storage_root(RootType::EccP256));
  ESYS_TR key = esys.load(parent, blob, auth);
  for (Session kind : kSessions) {
    ESYS_TR with = esys.start(parent, kind == Session::HmacWithEncryption ? Session::Hmac : kind);
    auto signature = esys.sign(key, with, digest, signature_scheme(TPM2_ALG_ECDSA));
    EXPECT_TRUE(esys.verifies(key, digest, signature));
    if (with != ESYS_TR_PASSWORD) esys.flush(with);
  }
  esys.flush(key);
  esys.flush(parent);
}

TEST_F(EsysComparison, KeysThatEsysMakesWeLoadAndAuthorize) {
  KeyBlob blob{};
  {
    Esys esys(tpm().tcti());
    ESYS_TR parent = esys.create_primary(storage_root(RootType::EccP256));
    blob = esys.create(parent, *generated_key(kEcPair, 256), auth);
    esys.flush(parent);
  }
  make_root(RootType::EccP256);
  auto key = loaded(blob);
  EXPECT_THAT(sign(secured(), {key.entity, auth}, digest, signature_scheme(TPM2_ALG_ECDSA)),
              IsOk());
}

TEST_F(EsysComparison, SignaturesOfEitherVerify) {
  for (TPM2_ALG_ID scheme : {TPM2_ALG_RSASSA, TPM2_ALG_RSAPSS}) {
    const KeyBlob blob = our_blob(kRsaPair, 2048);
    auto ours = [&] {
      auto key = loaded(blob);
      return sign(secured(), {key.entity, auth}, digest, signature_scheme(scheme));
    }();
    ASSERT_THAT(ours, IsOk());
    TearDown();
    Esys esys(tpm().tcti());
    ESYS_TR parent = esys.create_primary(storage_root(RootType::EccP256));
    ESYS_TR key = esys.load(parent, blob, auth);
    EXPECT_TRUE(esys.verifies(key, digest, *ours));
    auto theirs = esys.sign(key, ESYS_TR_PASSWORD, digest, signature_scheme(scheme));
    EXPECT_EQ(signature_of(theirs) == signature_of(*ours), scheme == TPM2_ALG_RSASSA);
    esys.flush(key);
    esys.flush(parent);
  }
}

TEST_F(EsysComparison, BothDecryptTheSame) {
  const KeyBlob blob = our_blob(kRsaPair, 2048);
  TearDown();
  const Bytes plaintext = bytes_of("between you and me");
  Bytes ciphertext;
  {
    Esys esys(tpm().tcti());
    ESYS_TR parent = esys.create_primary(storage_root(RootType::EccP256));
    ESYS_TR key = esys.load(parent, blob, auth);
    ciphertext = esys.rsa_encrypt(key, plaintext, oaep_sha256());
    for (Session kind : kSessions) {
      ESYS_TR with = esys.start(parent, kind);
      EXPECT_EQ(esys.rsa_decrypt(key, with, ciphertext, oaep_sha256()), plaintext);
      if (with != ESYS_TR_PASSWORD) esys.flush(with);
    }
    esys.flush(key);
    esys.flush(parent);
  }
  make_root(RootType::EccP256);
  auto key = loaded(blob);
  auto ours = rsa_decrypt(secured(), {key.entity, auth}, ciphertext, oaep_sha256(), {});
  ASSERT_THAT(ours, IsOk());
  EXPECT_EQ(copy_of(ours->reveal()), plaintext);
}

TEST_F(EsysComparison, BothAgreeOnTheSame) {
  const KeyBlob blob = our_blob(kEcPair, 384);
  auto peer = create(secured(), root, *generated_key(kEcPair, 384), auth);
  ASSERT_THAT(peer, IsOk());
  const TPMT_PUBLIC& point = peer->public_area.publicArea;
  auto ours = [&] {
    auto key = loaded(blob);
    return ecdh_z(secured(), {key.entity, auth}, x_of(point), y_of(point));
  }();
  ASSERT_THAT(ours, IsOk());
  TearDown();
  Esys esys(tpm().tcti());
  ESYS_TR parent = esys.create_primary(storage_root(RootType::EccP256));
  ESYS_TR key = esys.load(parent, blob, auth);
  for (Session kind : kSessions) {
    ESYS_TR with = esys.start(parent, kind);
    EXPECT_EQ(esys.ecdh_z(key, with, x_of(point), y_of(point)), copy_of(ours->reveal()));
    if (with != ESYS_TR_PASSWORD) esys.flush(with);
  }
  esys.flush(key);
  esys.flush(parent);
}

TEST_F(EsysComparison, ASessionSaltedToAnRsaRootIsOneForBoth) {
  make_root(RootType::Rsa2048);
  auto blob = create(secured(), root, *generated_key(kEcPair, 256), auth);
  ASSERT_THAT(blob, IsOk());
  TearDown();
  Esys esys(tpm().tcti());
  ESYS_TR parent = esys.create_primary(storage_root(RootType::Rsa2048));
  ESYS_TR key = esys.load(parent, *blob, auth);
  ESYS_TR with = esys.start(parent, Session::Hmac);
  auto signature = esys.sign(key, with, digest, signature_scheme(TPM2_ALG_ECDSA));
  EXPECT_TRUE(esys.verifies(key, digest, signature));
  esys.flush(with);
  esys.flush(key);
  esys.flush(parent);
}

}  // namespace
}  // namespace strongroom::tpm
