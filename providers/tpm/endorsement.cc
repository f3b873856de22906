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

// Without its code, which elsewhere would say that the TPM has lost something.
std::unexpected<TpmError> wrong_password() {
  return std::unexpected(TpmError(Error(
      Status::PsaErrorGenericError,
      "the endorsement hierarchy's password is wrong, or it has one and 'endorsement_auth' is "
      "not set; it is not tried again until another one stands where 'endorsement_auth' "
      "points, or after 'strongroom provider unlock'")));
}

}  // namespace

template <typename Operation>
auto Endorsement::with_auth(Operation operation) -> decltype(operation(ByteView())) {
  SecretBuffer auth;
  if (auth_) auth = TRY(auth_());
  if (refused_ && refused_->is(auth.reveal())) return wrong_password();
  auto outcome = operation(auth.reveal());
  if (!outcome && outcome.error().code() == TPM2_RC_BAD_AUTH) {
    refused_ = TRY(RefusedSecret::of(auth.reveal()));
    return wrong_password();
  }
  if (outcome) refused_.reset();
  return outcome;
}

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
  auto primary = TRY(with_auth(
      [&](ByteView auth) { return create_primary(secured, {hierarchy(), auth}, area, key_auth); }));
  FlushedHandle owned(secured.channel, primary.handle);
  auto name = TRY(name_of(secured.channel.primitives(), primary.public_area));
  if (key && key->name != name)
    return fail(Status::PsaErrorHardwareFailure, "the TPM has another endorsement seed by now");
  key = PrimaryKey{primary.public_area, std::move(name)};
  owned.abandon();
  return primary.handle;
}

Outcome<> Endorsement::satisfy(const Secured& secured, const HmacSession& policy) {
  return with_auth(
      [&](ByteView auth) { return policy_secret(secured, {hierarchy(), auth}, policy); });
}

void Endorsement::forget() noexcept {
  endorsement_.reset();
  attestation_.reset();
}

}  // namespace strongroom::tpm
