// A provider whose workers do what a test says.
#pragma once

#include <chrono>
#include <limits>

#include <gtest/gtest.h>

#include "providers/token_worker/worker_provider.h"
#include "tests/support/attributes.h"
#include "tests/support/eventually.h"
#include "tests/support/matchers.h"
#include "tests/support/stored_key.h"
#include "tests/support/token_worker/scripted_workers.h"

namespace strongroom::token_worker {

using testing::eventually;
using testing::ScriptedWorkers;
using testing::WorkerSide;

inline constexpr std::chrono::seconds kPatience{20};

inline WorkerSettings settings() {
  WorkerSettings settings;
  settings.token.uri = "pkcs11:token=keys?module-path=/usr/lib/module.so";
  settings.token.login.pin = [] { return SecretBuffer::copy_of(view_of("1234")); };
  settings.workers = 1;
  // Scripted ones are of this process, which sanitizers make large.
  settings.memory_limit = std::numeric_limits<std::size_t>::max();
  // No worker is ended for being late, unless its test wants that, however busy the machine is.
  settings.limits = {.start = kPatience, .request = kPatience, .generation = kPatience};
  settings.token.patience = kPatience;
  return settings;
}

struct Scene {
  explicit Scene(ScriptedWorkers::Script script, WorkerSettings with = settings())
      : workers(std::make_shared<ScriptedWorkers>(std::move(script))),
        provider(*WorkerProvider::create("token", std::move(with), workers)) {}

  std::shared_ptr<ScriptedWorkers> workers;
  std::unique_ptr<WorkerProvider> provider;
};

inline constexpr psa::AsymmetricSignature kRsaSha256{
    .kind = psa::AsymmetricSignature::Kind::RsaPkcs1v15, .hash = psa::Hash::Sha256};

// What software does not look into: a signature of its length.
inline KeyRecord some_key() {
  KeyRecord key{};
  key.attributes = testing::key_of(psa::KeyType::Kind::RsaKeyPair, 2048, kRsaSha256);
  return key;
}

inline Result<Bytes> signature_of(Scene& scene) {
  return scene.provider->signer()->sign_hash(some_key(), kRsaSha256, Bytes(32));
}

// Answers as `answer` does the first time, and well afterwards.
inline ScriptedWorkers::Script once(std::function<void(WorkerSide&)> answer) {
  return [answer](WorkerSide& side, int number) {
    if (!side.start()) return;
    while (side.receive()) {
      if (number == 0)
        answer(side);
      else
        side.answer(Reply::Done, Bytes(256, std::byte{1}));
    }
  };
}

}  // namespace strongroom::token_worker
