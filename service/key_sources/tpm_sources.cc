#include "service/key_sources/tpm_sources.h"

#include <atomic>
#include <thread>
#include <utility>

#include "base/log.h"
#include "providers/tpm/vault/epoch_counter.h"
#include "providers/tpm/vault/sealed_secret.h"

namespace strongroom {
namespace {

using namespace std::chrono_literals;

// Of what a start asks for, and of a step while the store is served: it holds up changes.
constexpr auto kLimit = 10s;
constexpr auto kLimitOfAStep = 2s;
constexpr auto kPause = 500ms;
constexpr std::size_t kSecretSize = 32;

// No PCRs are no PCRs of any bank.
bool is_same(const tpm::PcrSelection& one, const tpm::PcrSelection& other) {
  return one == other || (one.mask == 0 && other.mask == 0);
}

// Whether the TPM may answer by itself a little later.
bool is_out_of_reach(const Error& error) {
  return error.status() == Status::PsaErrorHardwareFailure ||
         error.status() == Status::PsaErrorCommunicationFailure;
}

// Asks until the TPM answers, whatever that is, or the patience is at its end.
template <typename Ask>
auto patiently(const std::string& name, std::chrono::milliseconds patience, Ask ask)
    -> decltype(ask()) {
  const auto end = std::chrono::steady_clock::now() + patience;
  for (bool is_first = true;; is_first = false) {
    auto result = ask();
    if (result || !is_out_of_reach(result.error())) return result;
    if (std::chrono::steady_clock::now() + kPause >= end) {
      result.error().add_context(
          fmt::format("the TPM did not come within {} ms", patience.count()));
      return result;
    }
    if (is_first) log::warning("store", "waiting for '{}': {}", name, result.error().message());
    std::this_thread::sleep_for(kPause);
  }
}

std::string advice_for(Status status) {
  switch (status) {
    case Status::PsaErrorNotPermitted:
      return "; start the machine with what it was sealed under, or open the store by its recovery "
             "secret: 'strongroom store recover' seals it to what is there now";
    case Status::PsaErrorDoesNotExist:
    case Status::PsaErrorDataCorrupt:
      return "; bring that TPM back, or open the store by its recovery secret with 'strongroom "
             "store "
             "recover'";
    default: return {};
  }
}

class TpmKeySource final : public StoreKeySource {
 public:
  TpmKeySource(std::string name, std::shared_ptr<tpm::Executor> executor,
               const tpm::PcrSelection& pcrs, std::chrono::milliseconds patience)
      : name_(std::move(name)), executor_(std::move(executor)), pcrs_(pcrs), patience_(patience) {}

  const std::string& name() const noexcept override { return name_; }
  bool may_have_been_used() const override { return true; }

  Result<Provided> provide() override {
    SecretBuffer material = TRY(SecretBuffer::random(kSecretSize));
    auto seal = [&] { return tpm::seal_secret(*executor_, material, pcrs_, kLimit); };
    Bytes kept = TRY(in_context(patiently(name_, patience_, seal), "sealing by '{}'", name_));
    return Provided{std::move(material), std::move(kept)};
  }

  Result<SecretBuffer> read(ByteView kept) override {
    auto unseal = [&] { return tpm::unseal_secret(*executor_, kept, kLimit); };
    Result<SecretBuffer> material = patiently(name_, patience_, unseal);
    if (!material)
      return fail(Status::KeyInfoManagerError,
                  fmt::format("unsealing by '{}': {}{}", name_, material.error().message(),
                              advice_for(material.error().status())));
    warn_of_other_pcrs(kept);
    return material;
  }

 private:
  void warn_of_other_pcrs(ByteView kept) const {
    const auto sealed = tpm::sealed_from_stored(kept);
    if (!sealed || is_same(sealed->pcrs.pcrs, pcrs_)) return;
    log::warning("store",
                 "the secret of '{}' is bound to PCRs {}, and key_pcrs says {}: 'strongroom "
                 "store rekey' seals it anew",
                 name_, tpm::to_string(sealed->pcrs.pcrs), tpm::to_string(pcrs_));
  }

  const std::string name_;
  const std::shared_ptr<tpm::Executor> executor_;
  const tpm::PcrSelection pcrs_;
  const std::chrono::milliseconds patience_;
};

class TpmEpochCounter final : public EpochCounter {
 public:
  TpmEpochCounter(std::string name, std::shared_ptr<tpm::Executor> executor, std::uint32_t index,
                  std::chrono::milliseconds patience)
      : name_(std::move(name)),
        executor_(std::move(executor)),
        index_(index),
        patience_(patience) {}

  const std::string& name() const noexcept override { return name_; }

  Result<SecretBuffer> plan() override {
    auto ask = [&] {
      return executor_->run_urgently<tpm::NvCounter>(
          kLimit, [index = index_](tpm::Tpm& tpm) { return tpm::planned_counter(tpm, index); });
    };
    tpm::NvCounter counter = TRY(patiently(name_, patience_, ask));
    log::info("store", "the rollback counter is NV index 0x{:08x} of '{}'", counter.index, name_);
    return tpm::to_stored(counter);
  }
  Result<std::uint64_t> establish(ByteView plan) override {
    return patiently(name_, patience_, [&] { return ask(plan, kLimit, &tpm::established); });
  }
  Result<std::uint64_t> read(ByteView plan) override {
    return patiently(name_, patience_, [&] { return ask(plan, kLimit, &tpm::value_of); });
  }
  Result<std::uint64_t> advance(ByteView plan, std::uint64_t wanted, Waiting waiting) override {
    if (waiting == Waiting::Changes) return step(plan, wanted);
    auto advance = [wanted](tpm::Tpm& tpm, const tpm::NvCounter& counter) {
      return tpm::advanced(tpm, counter, wanted);
    };
    return patiently(name_, patience_, [&] { return ask(plan, kLimit, advance); });
  }
  Result<> remove(ByteView plan) override {
    auto gone = [](tpm::Tpm& tpm, const tpm::NvCounter& counter) -> tpm::Outcome<std::uint64_t> {
      auto removed = tpm::removed(tpm, counter);
      if (!removed) return std::unexpected(std::move(removed).error());
      return 0U;
    };
    std::ignore = TRY(ask(plan, kLimit, gone));
    return {};
  }

 private:
  // Made even when it is late, unless there is a later one: it can be asked for again.
  Result<std::uint64_t> step(ByteView plan, std::uint64_t wanted) {
    tpm::NvCounter counter = TRY(tpm::counter_from_stored(plan));
    auto job = [counter = std::move(counter), wanted, mine = ++*steps_,
                steps = steps_](tpm::Tpm& tpm) -> tpm::Outcome<std::uint64_t> {
      if (*steps != mine) return fail(Status::PsaErrorCommunicationFailure, "it was asked again");
      return tpm::advanced(tpm, counter, wanted);
    };
    return executor_->run_urgently_even_late<std::uint64_t>(kLimitOfAStep, std::move(job));
  }
  template <typename Question>
  Result<std::uint64_t> ask(ByteView plan, std::chrono::milliseconds limit, Question question) {
    tpm::NvCounter counter = TRY(tpm::counter_from_stored(plan));
    return executor_->run_urgently<std::uint64_t>(
        limit,
        [counter = std::move(counter), question](tpm::Tpm& tpm) { return question(tpm, counter); });
  }

  const std::string name_;
  const std::shared_ptr<tpm::Executor> executor_;
  const std::uint32_t index_;
  const std::chrono::milliseconds patience_;
  const std::shared_ptr<std::atomic<unsigned>> steps_ = std::make_shared<std::atomic<unsigned>>(0);
};

}  // namespace

std::shared_ptr<StoreKeySource> tpm_key_source(std::string name,
                                               std::shared_ptr<tpm::Executor> executor,
                                               const tpm::PcrSelection& pcrs,
                                               std::chrono::milliseconds patience) {
  return std::make_shared<TpmKeySource>(std::move(name), std::move(executor), pcrs, patience);
}

std::shared_ptr<EpochCounter> tpm_epoch_counter(std::string name,
                                                std::shared_ptr<tpm::Executor> executor,
                                                std::uint32_t index,
                                                std::chrono::milliseconds patience) {
  return std::make_shared<TpmEpochCounter>(std::move(name), std::move(executor), index, patience);
}

}  // namespace strongroom
