// Many clients at once: each request is answered as if it were alone.
#include <atomic>
#include <thread>
#include <vector>

#include "tests/conformance/service/key_uses.h"
#include "tests/conformance/service/service_conformance.h"

namespace strongroom::conformance {
namespace {

constexpr int kThreads = 8;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kRounds = 10;
#else
constexpr int kRounds = 40;
#endif

const psa::KeyAttributes kPair =
    curve_key_of(psa::KeyType::Kind::EccKeyPair, 256, testing::kEcdsaSha256);

// Each thread with a connection of its own.
void at_once(const ServiceConfiguration& configuration,
             const std::function<void(Client& client, int thread)>& body) {
  std::vector<Client> clients;
  for (int i = 0; i < kThreads; ++i)
    clients.push_back(client_of(configuration));
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back([&, i] { body(clients[static_cast<std::size_t>(i)], i); });
}

TEST_P(ServiceConformance, KeysOfManyNamesAreMadeUsedAndDestroyedSideBySide) {
  if (!client().can_do_crypto(CryptoCheck::Generate, kPair)) GTEST_SKIP() << "no P-256";
  at_once(configuration(), [&](Client& own, int thread) {
    std::string key = name(std::to_string(thread));
    for (int round = 0; round < kRounds; ++round) {
      EXPECT_THAT(own.generate_key(key, kPair), IsOk());
      auto signature = own.sign_message(key, testing::kEcdsaSha256, view_of("text"));
      EXPECT_THAT(signature, IsOk());
      if (signature) {
        EXPECT_THAT(own.verify_message(key, testing::kEcdsaSha256, view_of("text"), *signature),
                    IsOk());
      }
      EXPECT_THAT(own.destroy_key(key), IsOk());
      EXPECT_THAT(own.sign_message(key, testing::kEcdsaSha256, view_of("text")),
                  FailsWith(Status::PsaErrorDoesNotExist));
    }
  });
  EXPECT_FALSE(listed(name("0")));
}

// Of those who make a key under one name one wins, and of those who destroy it; whoever used it in
// between used a whole key or none.
TEST_P(ServiceConformance, KeysOfOneNameAreMadeAndDestroyedOnceEach) {
  if (!client().can_do_crypto(CryptoCheck::Generate, kPair)) GTEST_SKIP() << "no P-256";
  const std::string key = name("key");
  std::atomic<int> made = 0;
  std::atomic<int> destroyed = 0;
  at_once(configuration(), [&](Client& own, int thread) {
    for (int round = 0; round < kRounds; ++round) {
      auto generated = own.generate_key(key, kPair);
      made += generated ? 1 : 0;
      EXPECT_TRUE(generated || generated.error().status() == Status::PsaErrorAlreadyExists);
      auto signature = own.sign_hash(key, testing::kEcdsaSha256, counting(32));
      EXPECT_TRUE(signature || signature.error().status() == Status::PsaErrorDoesNotExist);
      if ((thread + round) % 2 == 0) continue;
      auto gone = own.destroy_key(key);
      destroyed += gone ? 1 : 0;
      EXPECT_TRUE(gone || gone.error().status() == Status::PsaErrorDoesNotExist);
    }
  });
  EXPECT_GT(destroyed, 0);
  EXPECT_EQ(made - destroyed, listed(key) ? 1 : 0);
}

// A request that found the key is answered with it, one that comes later is not; nothing else.
TEST_P(ServiceConformance, AKeyDestroyedWhileItIsUsedIsUsedOrAbsent) {
  for (const KeyUse& use : all_key_uses()) {
    SCOPED_TRACE(use.name);
    const std::string key = name(use.name);
    if (!make(key, use.key)) continue;
    std::atomic<int> begun = 0;
    at_once(configuration(), [&](Client& own, int thread) {
      if (thread == 0) {
        while (begun < 2 * kThreads)
          std::this_thread::yield();
        EXPECT_THAT(own.destroy_key(key), IsOk());
        return;
      }
      for (bool is_there = true; is_there;) {
        auto result = use.run(own, key, use.key.algorithm, Input::Good);
        ++begun;
        is_there = was_permitted(result);
        if (!is_there) {
          EXPECT_THAT(result, FailsWith(Status::PsaErrorDoesNotExist));
        }
      }
    });
  }
}

}  // namespace
}  // namespace strongroom::conformance
