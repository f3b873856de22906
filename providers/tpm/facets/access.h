// What the facets of the provider share: the way to the TPM, and the software that does what needs
// no secret.
#pragma once

#include <memory>
#include <mutex>

#include "providers/software/software_provider.h"
#include "providers/tpm/executor.h"
#include "providers/tpm/facets/capabilities.h"
#include "providers/tpm/upkeep/tpm_upkeep.h"

namespace strongroom::tpm {

// For any thread.
class Access {
 public:
  struct Limits {
    std::chrono::milliseconds use{8'000};
    std::chrono::milliseconds generation{300'000};
  };

  Access(std::shared_ptr<Executor> executor, std::unique_ptr<SoftwareProvider> software,
         const Limits& limits, const std::string& name, Upkeep::Kind upkeep)
      : executor_(std::move(executor)),
        upkeep_(make_upkeep(name, executor_, upkeep)),
        software_(std::move(software)),
        limits_(limits) {}

  // Asks the TPM when that has not succeeded before, or with another one.
  Result<std::shared_ptr<const Capabilities>> capabilities();

  // Executor::run(), within the limit of a use or of a generation, as long as the TPM serves.
  template <typename T, typename Job>
  Result<T> use(Job job) {
    return run<T>(limits_.use, std::move(job));
  }
  template <typename T, typename Job>
  Result<T> generate(Job job) {
    return run<T>(limits_.generation, std::move(job));
  }
  // Uses the key of a record, within the same limits: `job` takes the TPM and the loaded key.
  template <typename T, typename Job>
  Result<T> use_key(const KeyRecord& key, Job job) {
    return use_key_within<T>(limits_.use, key, std::move(job));
  }
  template <typename T, typename Job>
  Result<T> use_key_long(const KeyRecord& key, Job job) {
    return use_key_within<T>(limits_.generation, key, std::move(job));
  }
  void post(std::move_only_function<void(Tpm&)> job) { executor_->post(std::move(job)); }
  const std::shared_ptr<Executor>& executor() const noexcept { return executor_; }
  Upkeep& upkeep() noexcept { return *upkeep_; }

  SoftwareProvider& software() noexcept { return *software_; }

 private:
  template <typename T, typename Job>
  Result<T> run(std::chrono::milliseconds limit, Job job) {
    // First, so that a stop that comes in between is not missed.
    const Executor::Ticket ticket = executor_->ticket();
    TRY(upkeep_->admit());
    auto result = executor_->run<T>(limit, std::move(job), ticket);
    if (!result) upkeep_->note_failure(result.error());
    return result;
  }
  template <typename T, typename Job>
  Result<T> use_key_within(std::chrono::milliseconds limit, const KeyRecord& key, Job job) {
    auto stored = TRY(SecretBuffer::copy_of(key.material.reveal()));
    return run<T>(limit,
                  [stored = std::move(stored), job = std::move(job)](Tpm& tpm) -> Outcome<T> {
                    auto material = TRY(from_stored(tpm.channel().primitives(), stored));
                    auto entity = TRY(tpm.use(material));
                    return job(tpm, Authorized{entity, material.auth.reveal()});
                  });
  }

  const std::shared_ptr<Executor> executor_;
  const std::shared_ptr<Upkeep> upkeep_;
  std::unique_ptr<SoftwareProvider> software_;
  Limits limits_;
  std::mutex mutex_;
  std::shared_ptr<const Capabilities> capabilities_;
  unsigned asked_of_ = 0;  // as Upkeep::times_replaced() counted then
};

// The record of a key's public half, for software to use.
KeyRecord public_half(const KeyRecord& key);

}  // namespace strongroom::tpm
