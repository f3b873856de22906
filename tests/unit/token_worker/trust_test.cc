// Workers that are another's by now: what they say about keys is not believed.
#include "providers/software/software_provider.h"
#include "tests/unit/token_worker/scene.h"

namespace strongroom::token_worker {
namespace {

using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;
using ::testing::SizeIs;

constexpr auto kNotBelieved = Status::PsaErrorCommunicationFailure;

class TrustTest : public ::testing::Test {
 protected:
  // The token's keys are software's here.
  std::unique_ptr<SoftwareProvider> software = *SoftwareProvider::create("other");
  std::shared_ptr<ScriptedWorkers> workers;
  std::uint64_t serial = 0;

  KeyRecordPtr new_key(const psa::KeyAttributes& attributes) {
    return testing::stored(*software->keys()->generate(attributes, {}), ++serial);
  }
  std::unique_ptr<WorkerProvider> provider(std::function<void(WorkerSide&)> answer) {
    workers = std::make_shared<ScriptedWorkers>([answer](WorkerSide& side, int) {
      if (!side.start()) return;
      while (side.receive())
        answer(side);
    });
    return *WorkerProvider::create("token", settings(), workers);
  }
  // That says yes to everything.
  std::unique_ptr<WorkerProvider> yes_sayer() {
    return provider([](WorkerSide& side) { side.answer(Reply::Done); });
  }
  template <typename Answer>
  std::unique_ptr<WorkerProvider> answering(Answer answer) {
    return provider([answer](WorkerSide& side) { side.answer(Reply::Done, answer); });
  }
};

const Bytes kDigest(32, std::byte{7});

TEST_F(TrustTest, NoWorkerIsAskedWhetherASignatureOfAPairIsGood) {
  auto key = new_key(testing::ecc_pair());
  auto good = software->signer()->sign_hash(*key, testing::kEcdsaSha256, kDigest);
  auto made = yes_sayer();
  EXPECT_THAT(made->signer()->verify_hash(*key, testing::kEcdsaSha256, kDigest, *good), IsOk());
  EXPECT_THAT(made->signer()->verify_hash(*key, testing::kEcdsaSha256, kDigest, Bytes(64)),
              FailsWith(Status::PsaErrorInvalidSignature));
  EXPECT_THAT(made->signer()->verify_message(*key, testing::kEcdsaSha256, kDigest, *good),
              FailsWith(Status::PsaErrorInvalidSignature));
  EXPECT_EQ(workers->started(), 0);
}

TEST_F(TrustTest, NoWorkerSeesWhatIsEncryptedToAPair) {
  auto key = new_key(testing::key_of(psa::KeyType::Kind::RsaKeyPair, 2048, testing::kOaepSha256));
  auto made = yes_sayer();
  auto ciphertext = made->encrypter()->encrypt(*key, testing::kOaepSha256, kDigest, {});
  ASSERT_THAT(ciphertext, IsOk());
  auto plaintext = software->encrypter()->decrypt(*key, testing::kOaepSha256, *ciphertext, {});
  ASSERT_THAT(plaintext, IsOk());
  EXPECT_TRUE(std::ranges::equal(plaintext->reveal(), kDigest));
  EXPECT_EQ(workers->started(), 0);
}

TEST_F(TrustTest, AMacIsComparedWhereNoWorkerHasASay) {
  auto attributes = testing::key_of(psa::KeyType::Kind::Hmac, 256, testing::kHmacSha256);
  auto key = new_key(attributes);
  auto made = yes_sayer();
  EXPECT_FALSE(made->mac()->verify(*key, testing::kHmacSha256, kDigest, Bytes(32)).has_value());
  auto real = software->mac()->compute(*key, testing::kHmacSha256, kDigest);
  auto honest = answering(*real);
  EXPECT_THAT(honest->mac()->verify(*key, testing::kHmacSha256, kDigest, *real), IsOk());
  EXPECT_THAT(honest->mac()->verify(*key, testing::kHmacSha256, kDigest, Bytes(32)),
              FailsWith(Status::PsaErrorInvalidSignature));
}

// Which has the material that the service chose.
NewKey made_as(WorkerSide& side, Bytes public_key) {
  Reader reader(side.content());
  auto material = reader.secret();
  auto attributes = take_value(reader, as<psa::KeyAttributes>);
  return {.attributes = attributes,
          .material = std::move(material),
          .public_key = std::move(public_key)};
}

TEST_F(TrustTest, APublicKeyThatIsNoneIsNotStored) {
  auto good = new_key(testing::ecc_pair())->public_key;
  Bytes off_curve = good;
  off_curve.back() ^= std::byte{1};
  const std::vector<Bytes> bad = {{}, Bytes(65), Bytes(1'000'000), off_curve};
  for (const Bytes& each : bad) {
    auto made = provider([&](WorkerSide& side) { side.answer(Reply::Done, made_as(side, each)); });
    EXPECT_THAT(made->keys()->generate(testing::ecc_pair(), {}), FailsWith(kNotBelieved));
    EXPECT_EQ(workers->killed(), 1);
  }
  auto made = provider([&](WorkerSide& side) { side.answer(Reply::Done, made_as(side, good)); });
  EXPECT_THAT(made->keys()->generate(testing::ecc_pair(), {}), IsOk());
}

TEST_F(TrustTest, ASecretKeyHasNoPublicHalf) {
  auto made =
      provider([](WorkerSide& side) { side.answer(Reply::Done, made_as(side, Bytes(1'000))); });
  EXPECT_THAT(
      made->keys()->generate(testing::key_of(psa::KeyType::Kind::Aes, 128, psa::Cipher::Ctr), {}),
      FailsWith(kNotBelieved));
}

TEST_F(TrustTest, AnImportedKeyIsTheOneThatTheClientGave) {
  auto given = new_key(testing::ecc_pair());
  auto others = new_key(testing::ecc_pair())->public_key;
  auto liar = provider([&](WorkerSide& side) { side.answer(Reply::Done, made_as(side, others)); });
  EXPECT_THAT(liar->keys()->import(given->attributes, given->material.reveal()),
              FailsWith(kNotBelieved));
  auto honest = provider(
      [&](WorkerSide& side) { side.answer(Reply::Done, made_as(side, given->public_key)); });
  EXPECT_THAT(honest->keys()->import(given->attributes, given->material.reveal()), IsOk());
}

TEST_F(TrustTest, AnExportedKeyIsTheOneOfTheRecord) {
  auto key = new_key(testing::ecc_pair());
  auto other = new_key(testing::ecc_pair());
  auto liar = answering(copy_of(other->material.reveal()));
  EXPECT_THAT(liar->keys()->export_key(*key), FailsWith(kNotBelieved));
  auto honest = answering(copy_of(key->material.reveal()));
  EXPECT_THAT(honest->keys()->export_key(*key), IsOk());
}

// What is listed and no record knows may be destroyed.
TEST_F(TrustTest, OnlyKeysThatWereMadeHereAreListed) {
  Bytes own(33);
  own.front() = std::byte{1};
  Bytes foreign = own;
  foreign.front() = std::byte{2};
  for (const Bytes& each : {foreign, Bytes(), Bytes(33), Bytes(1'000, std::byte{1})}) {
    auto liar = answering(std::vector{own, each});
    EXPECT_THAT(liar->inventory()->materials(), FailsWith(kNotBelieved));
    EXPECT_EQ(workers->killed(), 1);
  }
  auto honest = answering(std::vector{own, own});
  EXPECT_THAT(honest->inventory()->materials(), IsOkAndHolds(SizeIs(2)));
}

TEST_F(TrustTest, TheFirstSignatureOfACurvesKeyIsProvenPerWorker) {
  auto key = new_key(testing::ecc_pair());
  auto other = new_key(testing::ecc_pair());
  auto bad = software->signer()->sign_hash(*other, testing::kEcdsaSha256, kDigest);
  auto good = software->signer()->sign_hash(*key, testing::kEcdsaSha256, kDigest);
  auto liar = answering(*bad);
  EXPECT_THAT(liar->signer()->sign_hash(*key, testing::kEcdsaSha256, kDigest),
              FailsWith(kNotBelieved));
  EXPECT_EQ(workers->killed(), 1);
  auto honest = answering(*good);
  for (int i = 0; i < 3; ++i)
    EXPECT_THAT(honest->signer()->sign_hash(*key, testing::kEcdsaSha256, kDigest), IsOk());
}

TEST_F(TrustTest, AnswersHaveTheSizesThatTheyHave) {
  auto ecc = new_key(testing::ecc_pair());
  auto hmac = new_key(testing::key_of(psa::KeyType::Kind::Hmac, 256, testing::kHmacSha256));
  auto aes = new_key(testing::key_of(psa::KeyType::Kind::Aes, 128, testing::kAesGcm));
  auto rsa = new_key(testing::key_of(psa::KeyType::Kind::RsaKeyPair, 1024, testing::kOaepSha256));
  const Bytes nonce(12);
  const AeadInput input{nonce, {}};
  for (std::size_t size : {std::size_t{0}, std::size_t{1'000'000}}) {
    auto fails = [&](auto&& call) {
      auto made = answering(Bytes(size));
      EXPECT_THAT(call(*made), FailsWith(kNotBelieved)) << size;
      EXPECT_EQ(workers->killed(), 1);
    };
    fails([&](auto& p) { return p.signer()->sign_hash(*ecc, testing::kEcdsaSha256, kDigest); });
    fails([&](auto& p) { return p.signer()->sign_message(*ecc, testing::kEcdsaSha256, kDigest); });
    fails([&](auto& p) { return p.mac()->compute(*hmac, testing::kHmacSha256, kDigest); });
    fails([&](auto& p) { return p.aead()->encrypt(*aes, testing::kAesGcm, input, kDigest); });
    fails([&](auto& p) { return p.aead()->decrypt(*aes, testing::kAesGcm, input, kDigest); });
    fails([&](auto& p) {
      return p.key_agreer()->agree(*ecc, psa::RawKeyAgreement::Ecdh, Bytes(65));
    });
    fails([&](auto& p) { return p.random()->generate(16); });
  }
  auto made = answering(Bytes(1'000'000));
  EXPECT_THAT(made->cipher()->encrypt(*aes, psa::Cipher::Ctr, kDigest), FailsWith(kNotBelieved));
  made = answering(Bytes(1'000'000));
  EXPECT_THAT(made->cipher()->decrypt(*aes, psa::Cipher::Ctr, kDigest), FailsWith(kNotBelieved));
  made = answering(Bytes(129));
  EXPECT_THAT(made->encrypter()->decrypt(*rsa, testing::kOaepSha256, Bytes(128), {}),
              FailsWith(kNotBelieved));
}

}  // namespace
}  // namespace strongroom::token_worker
