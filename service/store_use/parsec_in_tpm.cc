#include "providers/tpm/foreign/taken_over.h"
#include "providers/tpm/tpm_provider.h"
#include "service/migration/key_ids.h"
#include "service/store_use/parsec_keys.h"

namespace strongroom {
namespace {

constexpr std::chrono::seconds kPatience{60};

Result<tpm::ParsecKey> key_for_tpm(const parsec::MovableKey& key) {
  parsec::WrappedKey wrapped = TRY(parsec::parse_wrapped_key(key.mapping.key_id));
  tpm::ParsecKey made;
  made.attributes = key.attributes;
  if (auto* modulus = std::get_if<Bytes>(&wrapped.public_part)) {
    made.modulus = std::move(*modulus);
  } else if (auto* point = std::get_if<parsec::WrappedKey::Point>(&wrapped.public_part)) {
    made.x = std::move(point->x);
    made.y = std::move(point->y);
  }
  made.private_area = std::move(wrapped.private_area);
  made.auth = std::move(wrapped.auth);
  if (!key.tpm_root.empty()) made.root_name = TRY(parsec::parse_root_name(key.tpm_root));
  return made;
}

// The provider outlives it. Its upkeep, which has not begun, is not asked.
class KeysInTpm final : public KeysInDevice {
 public:
  explicit KeysInTpm(std::shared_ptr<tpm::Executor> executor) : executor_(std::move(executor)) {}

  Result<NewKey> take(const parsec::MovableKey& key) override {
    tpm::ParsecKey made = TRY(key_for_tpm(key));
    return tpm::take_over(*executor_, std::move(made));
  }
  Result<Bytes> identity() override {
    return executor_->run<Bytes>(
        kPatience, [](tpm::Tpm& tpm) -> tpm::Outcome<Bytes> { return tpm.root_name(); });
  }

 private:
  std::shared_ptr<tpm::Executor> executor_;
};

}  // namespace

Result<std::unique_ptr<KeysInDevice>> keys_in_tpm(Provider& provider) {
  auto* device = dynamic_cast<TpmProvider*>(&provider);
  if (device == nullptr) return fail(Status::PsaErrorNotSupported, "the provider is not a TPM");
  return std::make_unique<KeysInTpm>(device->executor());
}

}  // namespace strongroom
