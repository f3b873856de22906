// Workers that are lost in every way, with a token behind them.
#include <fstream>
#include <thread>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/wall_clock.h"
#include "tests/unit/token_worker/workers_fixture.h"

namespace strongroom::token_worker {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using testing::eventually;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;

class WorkersTest : public testing::WithWorkers {
 protected:
  static WorkerSettings one() {
    auto with = settings();
    with.workers = 1;
    return with;
  }
  // Workers that began after the key was made are believed when they do not find it.
  static KeyRecord made_now(const psa::KeyAttributes& attributes, const SecretBuffer& material,
                            std::uint64_t serial) {
    return {.id = {},
            .attributes = attributes,
            .material = *SecretBuffer::copy_of(material.reveal()),
            .public_key = {},
            .serial = serial,
            .created = now_in_seconds()};
  }
  pid_t last() const { return workers->pids().back(); }
  // Its sockets are closed by then. It is nobody's turn at once on a busy machine.
  void kill_last() const {
    ASSERT_EQ(::kill(last(), SIGKILL), 0) << errno_text();
    EXPECT_TRUE(eventually([this] {
      std::ifstream file(fmt::format("/proc/{}/stat", last()));
      std::string line;
      return !std::getline(file, line) || line.substr(line.rfind(')') + 2, 1) == "Z";
    })) << "worker "
        << last() << " does not die";
  }
};

TEST_F(WorkersTest, EachFacetWorksAsInThisProcess) {
  using Kind = psa::KeyType::Kind;
  auto made = provider();
  auto pair = new_key(*made);
  auto signature = signature_of(*made, *pair);
  ASSERT_THAT(signature, IsOk());
  EXPECT_THAT(made->signer()->verify_hash(*pair, testing::kEcdsaSha256, digest, *signature),
              IsOk());
  auto of_message = made->signer()->sign_message(*pair, testing::kEcdsaSha256, view_of("text"));
  ASSERT_THAT(of_message, IsOk());
  EXPECT_THAT(
      made->signer()->verify_message(*pair, testing::kEcdsaSha256, view_of("text"), *of_message),
      IsOk());
  EXPECT_THAT(
      made->signer()->verify_message(*pair, testing::kEcdsaSha256, view_of("else"), *of_message),
      FailsWith(Status::PsaErrorInvalidSignature));

  auto aes = new_key(*made, testing::key_of(Kind::Aes, 256, testing::kAesGcm));
  const Bytes nonce(12, std::byte{9});
  const AeadInput input{nonce, view_of("more")};
  auto sealed = made->aead()->encrypt(*aes, testing::kAesGcm, input, view_of("text"));
  ASSERT_THAT(sealed, IsOk());
  auto opened = made->aead()->decrypt(*aes, testing::kAesGcm, input, *sealed);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(text_of(opened->reveal()), "text");
  auto stream = new_key(*made, testing::key_of(Kind::Aes, 256, psa::Cipher::Ctr));
  auto ctr =
      made->cipher()->encrypt(*stream, psa::Cipher::Ctr, view_of("longer than a block of it"));
  ASSERT_THAT(ctr, IsOk());
  auto plain = made->cipher()->decrypt(*stream, psa::Cipher::Ctr, *ctr);
  ASSERT_THAT(plain, IsOk());
  EXPECT_EQ(text_of(plain->reveal()), "longer than a block of it");

  const psa::AsymmetricEncryption v15{psa::AsymmetricEncryption::Kind::RsaPkcs1v15, {}};
  auto rsa = new_key(*made, testing::key_of(Kind::RsaKeyPair, 2048, v15));
  auto encrypted = made->encrypter()->encrypt(*rsa, v15, view_of("text"), {});
  ASSERT_THAT(encrypted, IsOk());
  auto decrypted = made->encrypter()->decrypt(*rsa, v15, *encrypted, {});
  ASSERT_THAT(decrypted, IsOk());
  EXPECT_EQ(text_of(decrypted->reveal()), "text");

  auto hmac = new_key(*made, testing::key_of(Kind::Hmac, 256, testing::kHmacSha256));
  auto mac = made->mac()->compute(*hmac, testing::kHmacSha256, view_of("text"));
  ASSERT_THAT(mac, IsOk());
  EXPECT_THAT(made->mac()->verify(*hmac, testing::kHmacSha256, view_of("text"), *mac), IsOk());

  auto own = new_key(*made, testing::ecc_pair(testing::kRawEcdh));
  auto other = new_key(*made, testing::ecc_pair(testing::kRawEcdh));
  auto here = made->key_agreer()->agree(*own, psa::RawKeyAgreement::Ecdh, other->public_key);
  auto there = made->key_agreer()->agree(*other, psa::RawKeyAgreement::Ecdh, own->public_key);
  ASSERT_THAT(here, IsOk());
  ASSERT_THAT(there, IsOk());
  EXPECT_TRUE(*here == *there);

  auto random = made->random()->generate(100'000);
  ASSERT_THAT(random, IsOk());
  EXPECT_EQ(random->size(), std::size_t{100'000});
  EXPECT_THAT(made->hasher()->compute(psa::Hash::Sha256, view_of("text")), IsOk());
}

TEST_F(WorkersTest, KeysAreImportedExportedListedAndDestroyed) {
  auto made = provider();
  auto attributes = testing::key_of(psa::KeyType::Kind::Aes, 0, testing::kAesGcm);
  auto imported = made->keys()->import(attributes, Bytes(32, std::byte{3}));
  ASSERT_THAT(imported, IsOk());
  EXPECT_EQ(imported->attributes.bits, 256U);
  auto key = testing::stored(*std::move(imported), 1);
  auto exported = made->keys()->export_key(*key);
  ASSERT_THAT(exported, IsOk());
  EXPECT_EQ(copy_of(exported->reveal()), Bytes(32, std::byte{3}));
  EXPECT_THAT(made->inventory()->look_for(*key), IsOk());
  EXPECT_THAT(made->inventory()->describe(key->material),
              testing::IsOkAndHolds(AllOf(HasSubstr("CKA_ID "), HasSubstr("aes-256"))));
  auto before = made->inventory()->materials();
  ASSERT_THAT(before, IsOk());
  EXPECT_THAT(made->keys()->destroy(*key), IsOk());
  auto after = made->inventory()->materials();
  ASSERT_THAT(after, IsOk());
  EXPECT_EQ(after->size() + 1, before->size());
  EXPECT_THAT(made->inventory()->look_for(*key), FailsWith(Status::PsaErrorDoesNotExist));
}

TEST_F(WorkersTest, WhatItSupportsIsWhatTheProviderInThisProcessSupports) {
  auto made = provider();
  auto local = *Pkcs11Provider::create("token", settings().token);
  using Kind = psa::KeyType::Kind;
  for (const psa::KeyAttributes& attributes :
       {testing::ecc_pair(), testing::key_of(Kind::Aes, 256, psa::Cipher::Ctr),
        testing::key_of(Kind::Camellia, 256, psa::Cipher::Ctr),
        testing::key_of(Kind::RsaPublicKey, 2048, testing::kOaepSha256)})
    for (Capability capability : {Capability::Use, Capability::Generate, Capability::Import})
      EXPECT_EQ(made->supports(capability, attributes).has_value(),
                local->supports(capability, attributes).has_value());
  EXPECT_EQ(*made->identity(), *local->identity());
}

// SoftHSM's processes overlook what others make while they make something themselves.
TEST_F(WorkersTest, KeysThatAreMadeAtOnceAreSeenByAllWorkersAndLeaveNothing) {
  auto with = settings();
  with.workers = 3;
  with.token.creation.label = "made at once";
  auto made = provider(with);
  constexpr std::size_t kThreads = 4;
  const auto in_threads = [](auto body) {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kThreads; ++i)
      threads.emplace_back([&body, i] { body(i); });
  };
  std::array<std::vector<KeyRecord>, kThreads> keys;
  const auto aes = testing::key_of(psa::KeyType::Kind::Aes, 128, testing::kAesGcm);
  in_threads([&](std::size_t at) {
    for (int i = 0; i < 30; ++i) {
      auto key = made->keys()->generate(aes, {});
      ASSERT_THAT(key, IsOk());
      keys.at(at).push_back(made_now(key->attributes, key->material, 0));
    }
  });
  in_threads([&](std::size_t) {
    for (const auto& some : keys)
      for (const KeyRecord& key : some)
        EXPECT_THAT(made->inventory()->look_for(key), IsOk());
  });
  in_threads([&](std::size_t at) {
    for (const KeyRecord& key : keys.at(at))
      EXPECT_THAT(made->keys()->destroy(key), IsOk());
  });
  auto another = provider(with);
  auto left = another->inventory()->materials();
  ASSERT_THAT(left, IsOk());
  EXPECT_EQ(left->size(), 0U);
}

TEST_F(WorkersTest, AKeyThatIsNotThereCostsAWorkerOnceAtMost) {
  auto made = provider(one());
  auto key = new_key(*made);
  ASSERT_THAT(made->keys()->destroy(*key), IsOk());
  KeyRecord gone = made_now(key->attributes, key->material, 0);
  EXPECT_THAT(made->inventory()->look_for(gone), FailsWith(Status::PsaErrorDoesNotExist));
  EXPECT_EQ(workers->pids().size(), 2U);
  gone.created -= 1h;
  EXPECT_THAT(made->inventory()->look_for(gone), FailsWith(Status::PsaErrorDoesNotExist));
  EXPECT_EQ(workers->pids().size(), 2U);
}

// Clients may go on using what they have just destroyed.
TEST_F(WorkersTest, UsesOfDestroyedKeysCostNoWorkers) {
  auto made = provider(one());
  auto key = new_key(*made);
  const KeyRecord gone = made_now(key->attributes, key->material, key->serial);
  ASSERT_THAT(made->keys()->destroy(gone), IsOk());
  for (int i = 0; i < 5; ++i)
    EXPECT_THAT(signature_of(*made, gone), FailsWith(Status::PsaErrorDoesNotExist));
  EXPECT_EQ(workers->pids().size(), 1U);
}

TEST_F(WorkersTest, AWorkerKilledBetweenRequestsCostsNone) {
  auto made = provider(one());
  auto key = new_key(*made);
  for (int i = 0; i < 3; ++i) {
    kill_last();
    EXPECT_THAT(signature_of(*made, *key), IsOk());
  }
  EXPECT_EQ(workers->pids().size(), std::size_t{4});
}

TEST_F(WorkersTest, AWorkerKilledInARequestCostsThatOneAlone) {
  auto made = provider(one());
  auto key = new_key(*made);
  std::atomic<int> asked = 0;
  std::atomic<bool> is_killed = false;
  std::jthread killer([&] {
    EXPECT_TRUE(eventually([&] { return asked >= 20; }));
    ::kill(last(), SIGKILL);
    is_killed = true;
  });
  int lost = 0;
  for (int after = 0; after < 20; after += is_killed ? 1 : 0) {
    ++asked;
    auto signature = signature_of(*made, *key);
    if (signature) continue;
    EXPECT_THAT(signature, FailsWith(Status::PsaErrorCommunicationFailure));
    EXPECT_THAT(signature.error().message(), HasSubstr("killed by signal 9"));
    ++lost;
  }
  EXPECT_LE(lost, 1);
  EXPECT_THAT(signature_of(*made, *key), IsOk());
}

TEST_F(WorkersTest, AStoppedWorkerIsReplacedAfterItsDeadlineAndOthersGoOn) {
  auto with = settings();
  with.limits.request = 5'000ms;
  auto made = provider(with);
  auto key = new_key(*made);
  ASSERT_EQ(::kill(last(), SIGSTOP), 0);
  std::mutex mutex;
  std::vector<Result<Bytes>> answers;  // whichever of the two has the worker, and when it is told
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 2; ++i)
      clients.emplace_back([&] {
        auto answer = signature_of(*made, *key);
        const std::lock_guard lock(mutex);
        answers.push_back(std::move(answer));
      });
  }
  EXPECT_THAT(answers.at(0), IsOk());
  EXPECT_THAT(answers.at(1), FailsWith(Status::PsaErrorCommunicationFailure));
  EXPECT_THAT(signature_of(*made, *key), IsOk());
}

TEST_F(WorkersTest, AWorkerThatNeedsTooMuchMemoryIsReplacedBetweenRequests) {
  auto with = one();
  with.memory_limit = 1024;
  auto made = provider(with);
  auto key = new_key(*made);
  for (int i = 0; i < 3; ++i)
    EXPECT_THAT(signature_of(*made, *key), IsOk());
  EXPECT_EQ(workers->pids().size(), std::size_t{4});
}

TEST_F(WorkersTest, AWorkerThatTakesMemoryWhileItIsIdleIsReplaced) {
  auto with = one();
  with.token.uri = testing::SoftHsm::uri(PRYING_MODULE);
  with.environment = {{"PRYING_GROWS", "1"}};
  with.memory_limit = std::size_t{100} * 1024 * 1024;
  auto made = provider(with);
  ASSERT_THAT(made->identity(), IsOk());
  ASSERT_EQ(workers->pids().size(), std::size_t{1});
  const auto resident = [&] {
    std::ifstream file(fmt::format("/proc/{}/statm", last()));
    std::size_t pages = 0;
    file >> pages >> pages;
    return pages * static_cast<std::size_t>(::getpagesize());
  };
  // Whether anybody asks for it or not.
  EXPECT_TRUE(eventually([&] { return resident() == 0; }));
  EXPECT_THAT(made->identity(), IsOk());
  EXPECT_EQ(workers->pids().size(), std::size_t{2});
}

TEST_F(WorkersTest, AWrongPinIsTriedOnceWhateverTheNumberOfWorkers) {
  auto with = settings();
  std::atomic<int> asked = 0;
  std::atomic<int> refused = 0;
  std::string pin = "wrong";
  with.token.login.pin = [&] {
    ++asked;
    return SecretBuffer::copy_of(view_of(pin));
  };
  with.token.login.on_refused = [&] { ++refused; };
  auto made = provider(with);
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 4; ++i)
      clients.emplace_back(
          [&] { EXPECT_THAT(made->identity(), FailsWith(Status::PsaErrorHardwareFailure)); });
  }
  std::this_thread::sleep_for(200ms);
  EXPECT_THAT(made->identity(), FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(refused, 1);
  EXPECT_TRUE(made->is_login_stopped());
  pin = testing::SoftHsm::kPin;
  made->allow_login();
  EXPECT_FALSE(made->is_login_stopped());
  EXPECT_THAT(made->identity(), IsOk());
  EXPECT_EQ(asked, 2);
}

TEST_F(WorkersTest, APinThatWasRefusedBeforeIsNotTriedByAnyWorker) {
  auto with = settings();
  int asked = 0;
  with.token.login.was_refused = true;
  with.token.login.pin = [&] {
    ++asked;
    return SecretBuffer::copy_of(view_of(testing::SoftHsm::kPin));
  };
  auto made = provider(with);
  auto refused = made->identity();
  ASSERT_THAT(refused, FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_THAT(refused.error().message(), HasSubstr("not tried again"));
  EXPECT_EQ(asked, 0);
  EXPECT_TRUE(workers->pids().empty());
}

TEST_F(WorkersTest, APinThatCannotBeReadIsToldAndReadAgain) {
  auto with = settings();
  bool is_there = false;
  with.token.login.pin = [&]() -> Result<SecretBuffer> {
    if (is_there) return SecretBuffer::copy_of(view_of(testing::SoftHsm::kPin));
    return fail(Status::PsaErrorGenericError, "there is no file of that name");
  };
  auto made = provider(with);
  auto failed = made->identity();
  ASSERT_FALSE(failed.has_value());
  EXPECT_THAT(failed.error().message(), HasSubstr("there is no file of that name"));
  EXPECT_FALSE(made->is_login_stopped());
  is_there = true;
  EXPECT_TRUE(eventually([&] { return made->identity().has_value(); }));
}

TEST_F(WorkersTest, KeysThatAskForThePinEachTimeAreGivenItEachTime) {
  auto with = one();
  std::atomic<int> asked = 0;
  with.token.login.pin = [&] {
    ++asked;
    return SecretBuffer::copy_of(view_of(testing::SoftHsm::kPin));
  };
  with.token.creation.always_authenticate = true;
  auto made = provider(with);
  auto key = new_key(*made);
  const int before = asked;
  for (int i = 0; i < 3; ++i)
    EXPECT_THAT(signature_of(*made, *key), IsOk());
  EXPECT_EQ(asked - before, 3);
}

TEST_F(WorkersTest, ATokenThatGoesAndComesBackIsUsedAgain) {
  auto made = provider(one());
  auto key = new_key(*made);
  tokens().take_away();
  kill_last();
  EXPECT_FALSE(signature_of(*made, *key).has_value());
  tokens().put_back();
  EXPECT_TRUE(eventually([&] { return signature_of(*made, *key).has_value(); }));
}

TEST_F(WorkersTest, SettingsThatMakeNoSenseAreRefusedBeforeAWorkerIsStarted) {
  auto with = settings();
  with.token.uri = "pkcs11:nonsense";
  EXPECT_THAT(WorkerProvider::create("token", std::move(with), workers),
              FailsWith(Status::PsaErrorInvalidArgument));
  with = settings();
  with.token.quirks = {"no-such"};
  EXPECT_THAT(WorkerProvider::create("token", std::move(with), workers),
              FailsWith(Status::PsaErrorInvalidArgument));
}

}  // namespace
}  // namespace strongroom::token_worker
