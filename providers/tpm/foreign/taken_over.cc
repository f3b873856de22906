#include "providers/tpm/foreign/taken_over.h"

#include "providers/tpm/objects/public_keys.h"

namespace strongroom::tpm {
namespace {

// Making a root takes some TPMs seconds.
constexpr std::chrono::seconds kPatience{60};

struct Wrapped {
  SecretBuffer auth;
  KeyBlob blob;
  Bytes root_name;
};

Outcome<SecretBuffer> stored_under(Tpm& tpm, const ForeignParent& parent, const Wrapped& key) {
  auto stored = TRY(to_stored(parent, key.auth.reveal(), key.blob));
  auto material = TRY(from_stored(tpm.channel().primitives(), stored));
  auto loaded = tpm.use(material);
  tpm.keys().drop(material.name);
  if (!loaded) return std::unexpected(std::move(loaded).error());
  return stored;
}

// A TPM without the longer cipher says that it has no such parameters.
bool is_of_parameters(const TpmError& error) {
  return error.status() == Status::PsaErrorNotSupported ||
         error.status() == Status::PsaErrorInvalidArgument;
}

Outcome<SecretBuffer> found(Tpm& tpm, const Wrapped& key) {
  for (UINT16 bits : kParsecCiphers) {
    auto parent = tpm.parsec_parent(bits);
    if (!parent && is_of_parameters(parent.error())) continue;
    if (!parent) return std::unexpected(std::move(parent).error());
    if (!key.root_name.empty() && parent->name != key.root_name) continue;
    auto stored = stored_under(tpm, *parent, key);
    if (stored || stored.error().code() != TPM2_RC_INTEGRITY) return stored;
  }
  return fail(Status::PsaErrorHardwareFailure,
              "it is of another TPM, or the owner hierarchy was cleared since");
}

Result<Wrapped> wrapped(ParsecKey key, const TPMT_PUBLIC& area) {
  Wrapped result;
  result.auth = std::move(key.auth);
  result.blob.public_area.publicArea = area;
  result.root_name = std::move(key.root_name);
  if (key.private_area.empty() || !assign(result.blob.private_area, key.private_area))
    return fail(Status::PsaErrorDataCorrupt, "its private area is of no TPM");
  return result;
}

}  // namespace

Result<NewKey> take_over(Executor& executor, ParsecKey key) {
  const TPMT_PUBLIC area = TRY(parsec_area(key));
  NewKey taken;
  taken.attributes = key.attributes;
  taken.public_key = TRY(public_key_of(area));
  if (key.attributes.type.is_public_key()) return taken;
  Wrapped made = TRY(wrapped(std::move(key), area));
  taken.material = TRY(executor.run<SecretBuffer>(
      kPatience, [made = std::move(made)](Tpm& tpm) { return found(tpm, made); }));
  return taken;
}

}  // namespace strongroom::tpm
