#include "providers/tpm/endorsement.h"

#include "providers/tpm/objects/key_material.h"
#include "providers/tpm/objects/names.h"
#include "providers/tpm/objects/policies.h"

namespace strongroom::tpm {
namespace {

const Entity& hierarchy() {
  static const Entity kEndorsement{TPM2_RH_ENDORSEMENT, name_of(TPM2_RH_ENDORSEMENT)};
  return kEndorsement;
}

}  // namespace

Outcome<Entity> Endorsement::endorsement_key(const Secured& secured, LoadedKeys& keys) {
  return use(secured, keys, endorsement_, tpm::endorsement_key(), {});
}

Outcome<Entity> Endorsement::attestation_key(const Secured& secured, LoadedKeys& keys) {
  if (attestation_auth_.is_empty()) attestation_auth_ = TRY(SecretBuffer::random(kAuthSize));
  return use(secured, keys, attestation_, tpm::attestation_key(type_), attestation_auth_.reveal());
}

Outcome<Entity> Endorsement::use(const Secured& secured, LoadedKeys& keys,
                                 std::optional<PrimaryKey>& key, const TPMT_PUBLIC& area,
                                 ByteView key_auth) {
  if (key) return keys.use(key->name, [&] { return create(secured, key, area, key_auth); });
  auto handle = TRY(keys.with_room([&] { return create(secured, key, area, key_auth); }));
  FlushedHandle owned(secured.channel, handle);
  return keys.use(key->name, [&]() -> Outcome<TPM2_HANDLE> {
    owned.abandon();
    return handle;
  });
}

Outcome<TPM2_HANDLE> Endorsement::create(const Secured& secured, std::optional<PrimaryKey>& key,
                                         const TPMT_PUBLIC& area, ByteView key_auth) {
  if (stopped_) return std::unexpected(*stopped_);
  auto primary = TRY(noted(create_primary(secured, {hierarchy(), auth_.reveal()}, area, key_auth)));
  FlushedHandle owned(secured.channel, primary.handle);
  auto name = TRY(name_of(secured.channel.primitives(), primary.public_area));
  if (key && key->name != name)
    return fail(Status::PsaErrorHardwareFailure, "the TPM has another endorsement seed by now");
  key = PrimaryKey{primary.public_area, std::move(name)};
  owned.abandon();
  return primary.handle;
}

Outcome<> Endorsement::satisfy(const Secured& secured, const HmacSession& policy) {
  if (stopped_) return std::unexpected(*stopped_);
  return noted(policy_secret(secured, {hierarchy(), auth_.reveal()}, policy));
}

void Endorsement::forget() noexcept {
  endorsement_.reset();
  attestation_.reset();
}

// Without its code, which elsewhere would say that the TPM has lost something.
template <typename T>
Outcome<T> Endorsement::noted(Outcome<T> outcome) {
  if (outcome || outcome.error().code() != TPM2_RC_BAD_AUTH) return outcome;
  stopped_ = TpmError(
      Error(Status::PsaErrorGenericError,
            fmt::format("the endorsement hierarchy's password is wrong; it is not tried again: {}",
                        outcome.error().message())));
  return std::unexpected(*stopped_);
}

}  // namespace strongroom::tpm
