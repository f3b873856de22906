#include "providers/tpm/facets/key_manager.h"

#include <algorithm>

#include "providers/tpm/facets/random_source.h"
#include "providers/tpm/objects/public_keys.h"
#include "providers/tpm/objects/wrapped_import.h"

namespace strongroom::tpm {
namespace {

using Kind = psa::KeyType::Kind;

// What a job yields: the key in the forms that the store keeps.
struct StoredKey {
  SecretBuffer material;
  Bytes public_key;
};

Outcome<StoredKey> stored(ByteView auth, const KeyBlob& blob) {
  StoredKey key;
  key.material = TRY(to_stored(auth, blob));
  const TPMT_PUBLIC& area = blob.public_area.publicArea;
  if (area.type == TPM2_ALG_RSA || area.type == TPM2_ALG_ECC)
    key.public_key = TRY(public_key_of(area));
  return key;
}

NewKey new_key(const psa::KeyAttributes& attributes, StoredKey made) {
  return {.attributes = attributes,
          .material = std::move(made.material),
          .public_key = std::move(made.public_key)};
}

// Of two areas of one key: what the TPM fills in, and 0 for 65537.
TPMT_PUBLIC as_asked(TPMT_PUBLIC area) {
  area.unique = {};
  if (area.type == TPM2_ALG_RSA) area.parameters.rsaDetail.exponent = rsa_exponent_of(area);
  return area;
}

// The whole of what the TPM says is compared, so that a key is what was asked for.
Outcome<> check_area(const TPMT_PUBLIC& made, const TPMT_PUBLIC& asked) {
  Writer has;
  Writer wants;
  has.put(&Tss2_MU_TPMT_PUBLIC_Marshal, as_asked(made));
  wants.put(&Tss2_MU_TPMT_PUBLIC_Marshal, as_asked(asked));
  if (has.is_sound() && std::ranges::equal(has.view(), wants.view())) return {};
  return fail(Status::PsaErrorHardwareFailure, "the TPM made another key than it was asked for");
}

// Out of `data` unless it is empty.
Outcome<StoredKey> created(Tpm& tpm, const TPMT_PUBLIC& area, ByteView data) {
  auto auth = TRY(SecretBuffer::random(kAuthSize));
  auto blob = TRY(tpm.create(area, auth.reveal(), data));
  TRY(check_area(blob.public_area.publicArea, area));
  return stored(auth.reveal(), blob);
}

// TPMs make HMAC keys of one size: others are drawn from the TPM and given back to it.
Outcome<StoredKey> generated(Tpm& tpm, const psa::KeyType& type, std::uint32_t bits) {
  if (type.kind != Kind::Hmac || bits == 8 * kDigestSize) {
    auto area = TRY(generated_key(type, bits));
    return created(tpm, area, {});
  }
  auto area = TRY(given_key(type, bits));
  auto drawn = TRY(drawn_at_once(tpm, bits / 8));
  return created(tpm, area, drawn.reveal());
}

// What the TPM has against a key in which software has found nothing wrong, it does not offer. An
// RSA exponent other than 65537 is such a thing.
std::unexpected<TpmError> not_taken(const char* command, const TpmError& error) {
  bool is_of_the_key = error.status() == Status::PsaErrorInvalidArgument;
  return std::unexpected(
      is_of_the_key ? tpm_refusal(command, error.code(), Status::PsaErrorNotSupported) : error);
}

Outcome<StoredKey> pair_taken_in(Tpm& tpm, const ImportedKey& key) {
  auto auth = TRY(SecretBuffer::random(kAuthSize));
  auto imported = tpm.import(key, auth.reveal());
  if (!imported) return not_taken("TPM2_Import", imported.error());
  return stored(auth.reveal(), *imported);
}

Outcome<StoredKey> taken_in(Tpm& tpm, const TPMT_PUBLIC& area, ByteView data) {
  auto made = created(tpm, area, data);
  if (!made) return not_taken("TPM2_Create", made.error());
  return made;
}

}  // namespace

Result<NewKey> TpmKeyManager::generate(const psa::KeyAttributes& attributes, std::stop_token stop,
                                       SecretBuffer /*material*/) {
  if (attributes.type.is_public_key())
    return fail(Status::PsaErrorInvalidArgument, "public keys are not generated");
  auto has = TRY(access_.capabilities());
  TRY(has->check_generation(attributes));
  if (stop.stop_requested()) return fail(Status::PsaErrorGenericError, "stopped");
  auto made =
      TRY(access_.generate<StoredKey>([type = attributes.type, bits = attributes.bits](Tpm& tpm) {
        return generated(tpm, type, bits);
      }));
  return new_key(attributes, std::move(made));
}

// Software checks all there is to check, which a TPM does not.
Result<NewKey> TpmKeyManager::import(const psa::KeyAttributes& attributes, ByteView data,
                                     SecretBuffer /*material*/) {
  const psa::KeyType& type = attributes.type;
  if (type.is_public_key()) return access_.software().keys()->import(attributes, data);
  auto has = TRY(access_.capabilities());
  // Without a size it stands in the data: no key of the type at all is what can be said before.
  TRY(has->check_key(type, attributes.bits));
  auto checked = TRY(access_.software().keys()->import(attributes, data));
  TRY(has->check_key(type, checked.attributes.bits));
  return type.is_key_pair() ? import_pair(std::move(checked)) : import_secret(std::move(checked));
}

Result<NewKey> TpmKeyManager::import_pair(NewKey checked) {
  const psa::KeyAttributes& attributes = checked.attributes;
  auto key =
      TRY(imported_key_of(attributes.type, attributes.bits, checked.material, checked.public_key));
  auto made = TRY(
      access_.use<StoredKey>([key = std::move(key)](Tpm& tpm) { return pair_taken_in(tpm, key); }));
  made.public_key = std::move(checked.public_key);
  return new_key(attributes, std::move(made));
}

Result<NewKey> TpmKeyManager::import_secret(NewKey checked) {
  auto area = TRY(given_key(checked.attributes.type, checked.attributes.bits));
  auto made = TRY(access_.use<StoredKey>([area, secret = std::move(checked.material)](Tpm& tpm) {
    return taken_in(tpm, area, secret.reveal());
  }));
  return new_key(checked.attributes, std::move(made));
}

Result<SecretBuffer> TpmKeyManager::export_key(const KeyRecord& key) {
  if (key.attributes.type.is_public_key())
    return fail(Status::PsaErrorInvalidArgument, "a public key has nothing secret to export");
  return fail(Status::PsaErrorNotSupported, "private keys do not leave the TPM");
}

// Nobody waits for it: a TPM that is away holds nothing of the key either.
Result<> TpmKeyManager::destroy(const KeyRecord& key) {
  TRY(access_.software().keys()->destroy(key));
  if (key.material.is_empty()) return {};
  auto kept = TRY(SecretBuffer::copy_of(key.material.reveal()));
  access_.post([kept = std::move(kept)](Tpm& tpm) {
    auto material = from_stored(tpm.channel().primitives(), kept);
    if (material) tpm.keys().drop(material->name);
  });
  return {};
}

}  // namespace strongroom::tpm
