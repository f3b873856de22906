#include "providers/tpm/facets/access.h"

namespace strongroom::tpm {

namespace {

using Found = std::shared_ptr<const Capabilities>;

Outcome<Found> asked(Tpm& tpm) {
  auto found = TRY(Capabilities::of(tpm.channel()));
  return std::make_shared<const Capabilities>(std::move(found));
}

}  // namespace

Result<std::shared_ptr<const Capabilities>> Access::capabilities() {
  const unsigned accepted = upkeep_->times_replaced();
  {
    std::lock_guard lock(mutex_);
    if (capabilities_ && asked_of_ == accepted) return capabilities_;
  }
  auto found = TRY(use<Found>(&asked));
  std::lock_guard lock(mutex_);
  capabilities_ = found;
  asked_of_ = accepted;
  return found;
}

KeyRecord public_half(const KeyRecord& key) {
  using Kind = psa::KeyType::Kind;
  KeyRecord half{
      .id = {}, .attributes = key.attributes, .material = {}, .public_key = key.public_key};
  half.attributes.type.kind =
      key.attributes.type.is_rsa() ? Kind::RsaPublicKey : Kind::EccPublicKey;
  half.serial = key.serial;
  return half;
}

}  // namespace strongroom::tpm
