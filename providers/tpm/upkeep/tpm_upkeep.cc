#include "providers/tpm/upkeep/tpm_upkeep.h"

#include <utility>

namespace strongroom::tpm {
namespace {

constexpr DeviceWords kWords{.component = "tpm",
                             .device = "TPM",
                             .identity = "storage root",
                             .identity_note = "storage root",
                             .secret = "owner hierarchy's password",
                             .refusal_note = "refused owner password"};

// With a session, so that one that the TPM has lost shows.
Outcome<> answers(Tpm& tpm) {
  constexpr std::size_t kFew = 8;
  TRY(draw_random(tpm.secured(), kFew));
  return {};
}

class UpkeptTpm final : public UpkeptDevice {
 public:
  explicit UpkeptTpm(Tpm& tpm) noexcept : tpm_(tpm) {}

  Result<> look() override {
    auto found = tpm_.run([&] { return answers(tpm_); });
    if (!found) return std::unexpected(Error(std::move(found).error()));
    return {};
  }
  Bytes identity() override { return tpm_.root_name(); }
  std::string text_of(const Bytes& identity) const override {
    return fmt::format("the storage root {}", to_hex(identity));
  }
  void pin(Bytes identity) override { tpm_.pin(std::move(identity)); }
  std::optional<RefusedSecret> refused() override { return tpm_.refused_password(); }
  void refuse(std::optional<RefusedSecret> secret) override { tpm_.refuse(std::move(secret)); }
  void unlock() override {
    tpm_.refuse(std::nullopt);
    tpm_.endorsement().unlock();
  }

 private:
  Tpm& tpm_;
};

class ExecutorsThread final : public DeviceThread {
 public:
  explicit ExecutorsThread(std::weak_ptr<Executor> executor) : executor_(std::move(executor)) {}

  void post(Job job, Clock::time_point when) override {
    const std::shared_ptr<Executor> executor = executor_.lock();
    if (!executor) return;
    executor->post(
        [job = std::move(job)](Tpm& tpm) mutable {
          UpkeptTpm device(tpm);
          job(device);
        },
        when);
  }
  bool is_overdue() const override {
    const std::shared_ptr<Executor> executor = executor_.lock();
    return executor && executor->is_overdue();
  }
  void close() override {
    const std::shared_ptr<Executor> executor = executor_.lock();
    if (!executor) return;
    executor->abandon_callers();
    // What an operator waits for may hold the provider, and so the executor.
    executor->end_posting();
  }

 private:
  // Jobs hold the upkeep while they run, and must not keep the executor from its end.
  const std::weak_ptr<Executor> executor_;
};

}  // namespace

std::shared_ptr<Upkeep> make_upkeep(std::string name, const std::shared_ptr<Executor>& executor,
                                    Upkeep::Kind kind) {
  return std::make_shared<Upkeep>(std::move(name), kWords,
                                  std::make_shared<ExecutorsThread>(executor), kind);
}

}  // namespace strongroom::tpm
