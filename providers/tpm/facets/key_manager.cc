#include "providers/tpm/facets/key_manager.h"

#include "providers/tpm/objects/public_keys.h"
#include "providers/tpm/objects/wrapped_import.h"

namespace strongroom::tpm {
namespace {

// What a job yields: the key in the forms that the store keeps.
struct StoredKey {
  SecretBuffer material;
  Bytes public_key;
};

Outcome<StoredKey> stored(ByteView auth, const KeyBlob& blob) {
  StoredKey key;
  key.material = TRY(to_stored(auth, blob));
  key.public_key = TRY(public_key_of(blob.public_area.publicArea));
  return key;
}

NewKey new_key(const psa::KeyAttributes& attributes, StoredKey made) {
  return {.attributes = attributes,
          .material = std::move(made.material),
          .public_key = std::move(made.public_key)};
}

// The whole of what the TPM says is compared, so that a key is what was asked for.
Outcome<> check_area(const TPMT_PUBLIC& made, const TPMT_PUBLIC& asked) {
  bool is_rsa = asked.type == TPM2_ALG_RSA;
  bool is_same =
      made.type == asked.type && made.nameAlg == asked.nameAlg &&
      made.objectAttributes == asked.objectAttributes && made.authPolicy.size == 0 &&
      (is_rsa ? made.parameters.rsaDetail.keyBits == asked.parameters.rsaDetail.keyBits &&
                    rsa_exponent_of(made) == rsa_exponent_of(asked)
              : made.parameters.eccDetail.curveID == asked.parameters.eccDetail.curveID);
  if (is_same) return {};
  return fail(Status::PsaErrorHardwareFailure, "the TPM made another key than it was asked for");
}

Outcome<StoredKey> generated(Tpm& tpm, const TPMT_PUBLIC& area) {
  auto auth = TRY(SecretBuffer::random(kAuthSize));
  auto blob = TRY(tpm.create(area, auth.reveal()));
  TRY(check_area(blob.public_area.publicArea, area));
  return stored(auth.reveal(), blob);
}

// Software has found nothing wrong with the key: what the TPM then says of values, it does not
// have. An RSA exponent other than 65537 is such a thing.
Outcome<StoredKey> taken_in(Tpm& tpm, const ImportedKey& key) {
  auto auth = TRY(SecretBuffer::random(kAuthSize));
  auto imported = tpm.import(key, auth.reveal());
  if (!imported && imported.error().status() == Status::PsaErrorInvalidArgument)
    return std::unexpected(
        tpm_refusal("TPM2_Import", imported.error().code(), Status::PsaErrorNotSupported));
  auto blob = TRY(std::move(imported));
  return stored(auth.reveal(), blob);
}

}  // namespace

Result<NewKey> TpmKeyManager::generate(const psa::KeyAttributes& attributes, std::stop_token stop) {
  if (attributes.type.is_public_key())
    return fail(Status::PsaErrorInvalidArgument, "public keys are not generated");
  auto has = TRY(access_.capabilities());
  TRY(has->check_key(attributes.type, attributes.bits));
  if (stop.stop_requested()) return fail(Status::PsaErrorGenericError, "stopped");
  auto area = TRY(generated_key(attributes.type, attributes.bits));
  auto made = TRY(access_.generate<StoredKey>([area](Tpm& tpm) { return generated(tpm, area); }));
  return new_key(attributes, std::move(made));
}

// Software checks all there is to check, which a TPM does not.
Result<NewKey> TpmKeyManager::import(const psa::KeyAttributes& attributes, ByteView data) {
  const psa::KeyType& type = attributes.type;
  bool is_taken = type.is_rsa() || (type.is_ecc() && type.curve_family == psa::EccFamily::SecpR1);
  if (!is_taken)
    return fail(Status::PsaErrorNotSupported, fmt::format("the TPM does not offer key type '{}'",
                                                          to_string(type, attributes.bits)));
  if (type.is_public_key()) return access_.software().keys()->import(attributes, data);
  auto has = TRY(access_.capabilities());
  TRY(has->check_key(type, attributes.bits));
  auto checked = TRY(access_.software().keys()->import(attributes, data));
  TRY(has->check_key(type, checked.attributes.bits));
  return import_pair(std::move(checked));
}

Result<NewKey> TpmKeyManager::import_pair(NewKey checked) {
  const psa::KeyAttributes& attributes = checked.attributes;
  auto key =
      TRY(imported_key_of(attributes.type, attributes.bits, checked.material, checked.public_key));
  auto made =
      TRY(access_.use<StoredKey>([key = std::move(key)](Tpm& tpm) { return taken_in(tpm, key); }));
  made.public_key = std::move(checked.public_key);
  return new_key(attributes, std::move(made));
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
