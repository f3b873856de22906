#include "providers/software/derivation/key_deriver.h"

#include "providers/software/capabilities.h"
#include "providers/software/derivation/derived_key.h"

namespace strongroom::software {
namespace {

// What can be refused before there is a secret.
Result<> check_new_key(const Algorithms& algorithms, const psa::KeyAttributes& attributes) {
  if (attributes.bits == 0)
    return fail(Status::PsaErrorInvalidArgument, "a key to derive needs a size");
  return check_derivable(algorithms, attributes.type, attributes.bits);
}

}  // namespace

Result<NewKey> EvpKeyDeriver::derive(const KeyRecord& secret, const psa::KeyDerivation& algorithm,
                                     const DerivationInput& input,
                                     const psa::KeyAttributes& attributes) {
  TRY(check_derivation(algorithms_, shape_of(secret), algorithm));
  TRY(check_new_key(algorithms_, attributes));
  return derive_from(secret.material.reveal(), algorithm, input, attributes);
}

Result<NewKey> EvpKeyDeriver::agree_and_derive(const KeyRecord& key,
                                               const psa::KeyAgreement& algorithm, ByteView peer,
                                               const DerivationInput& input,
                                               const psa::KeyAttributes& attributes) {
  TRY(check_agreement(algorithms_, shape_of(key), algorithm));
  TRY(check_new_key(algorithms_, attributes));
  if (!algorithm.derivation)
    return fail(Status::PsaErrorInvalidArgument, "the agreement has no derivation");
  auto secret = TRY(agreer_.agree(key, algorithm.raw, peer));
  return derive_from(secret.reveal(), *algorithm.derivation, input, attributes);
}

Result<NewKey> EvpKeyDeriver::derive_from(ByteView secret, const psa::KeyDerivation& algorithm,
                                          const DerivationInput& input,
                                          const psa::KeyAttributes& attributes) const {
  auto stream = TRY(KeyStream::of(algorithms_, algorithm, secret, input));
  auto data = TRY(derived_key_data(algorithms_, attributes.type, attributes.bits, stream));
  return keys_.import(attributes, data.reveal(), {});
}

}  // namespace strongroom::software
