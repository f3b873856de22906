// A token of SoftHSM in workers as the service has them: started by a spawner, in processes.
#pragma once

#include <csignal>
#include <optional>
#include <set>

#include <gtest/gtest.h>

#include "providers/token_worker/worker_provider.h"
#include "service/spawner/spawner.h"
#include "tests/support/attributes.h"
#include "tests/support/eventually.h"
#include "tests/support/matchers.h"
#include "tests/support/pkcs11/soft_hsm.h"
#include "tests/support/stored_key.h"

namespace strongroom::testing {

// Forked while the test has one thread.
std::shared_ptr<Spawner> spawner_of_the_test();

// Passes on to the spawner, and knows what was started.
class WatchedWorkers final : public token_worker::WorkerStarter {
 public:
  Result<std::unique_ptr<token_worker::WorkerProcess>> start(UniqueFd socket) override {
    auto process = spawner_of_the_test()->start(std::move(socket));
    std::lock_guard lock(mutex_);
    if (process) pids_.push_back((*process)->pid());
    return process;
  }
  std::vector<pid_t> pids() const {
    std::lock_guard lock(mutex_);
    return pids_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<pid_t> pids_;
};

class WithWorkers : public ::testing::Test {
 public:
  static void SetUpTestSuite() {
    if (why_no_soft_hsm().empty()) tokens_.emplace();
  }
  static void TearDownTestSuite() { tokens_.reset(); }

 protected:
  void SetUp() override {
    if (!tokens_) GTEST_SKIP() << why_no_soft_hsm();
  }

  static SoftHsm& tokens() { return *tokens_; }
  static token_worker::WorkerSettings settings() {
    token_worker::WorkerSettings settings;
    settings.token.uri = SoftHsm::uri();
    settings.token.login.pin = [] { return SecretBuffer::copy_of(view_of(SoftHsm::kPin)); };
    settings.token.pause = std::chrono::milliseconds(0);
    settings.token.creation.allow_export = true;
    settings.paths = {tokens_->tokens()};
    settings.log_level = log::Level::Off;
    return settings;
  }
  std::unique_ptr<WorkerProvider> provider(token_worker::WorkerSettings with = settings()) {
    auto made = WorkerProvider::create("token", std::move(with), workers);
    EXPECT_THAT(made, IsOk());
    return *std::move(made);
  }
  static KeyRecordPtr new_key(WorkerProvider& provider,
                              const psa::KeyAttributes& attributes = ecc_pair()) {
    auto key = provider.keys()->generate(attributes, {});
    EXPECT_THAT(key, IsOk());
    static std::uint64_t serial = 100;  // caches tell keys by it
    return key ? stored(*std::move(key), ++serial) : nullptr;
  }
  Result<Bytes> signature_of(WorkerProvider& provider, const KeyRecord& key) const {
    return provider.signer()->sign_hash(key, kEcdsaSha256, digest);
  }

  const std::shared_ptr<WatchedWorkers> workers = std::make_shared<WatchedWorkers>();
  const Bytes digest = Bytes(32, std::byte{0x5d});

 private:
  static inline std::optional<SoftHsm> tokens_;
};

}  // namespace strongroom::testing
