// Key agreement and attestation: one key of ours and something of somebody else's.
#include "attest_key.pb.h"
#include "prepare_key_attestation.pb.h"
#include "psa_raw_key_agreement.pb.h"
#include "service/dispatch/handlers/handlers.h"
#include "service/dispatch/handlers/use.h"

namespace strongroom {
namespace {

// Attestation by another key than the endorsement key is not part of the contract.
Result<> check_default_attester(const std::string& attesting_key_name) {
  if (attesting_key_name.empty()) return {};
  return fail(Status::PsaErrorNotSupported,
              fmt::format("attesting with key '{}'", escaped(attesting_key_name)));
}

}  // namespace

Result<Work> raw_key_agreement(Planning& planning) {
  auto request = TRY(parsed<psa_raw_key_agreement::Operation>(planning));
  psa::RawKeyAgreement algorithm = TRY(decode(request.alg()));
  auto use = TRY(use_of_key(planning, facet(planning.provider().key_agreer(), "agrees on no keys"),
                            request.private_key_name(), &psa::UsageFlags::derive,
                            psa::KeyAgreement{.raw = algorithm, .derivation = {}}));
  Cost cost = cost_of_agreement(use.key->attributes);
  return answered_by(cost, [use = std::move(use), request = std::move(request)]() -> Result<Bytes> {
    SecretBuffer secret =
        TRY(in_context(use.facet->agree(*use.key, use.algorithm.raw, bytes_in(request.peer_key())),
                       "agreeing with key '{}'", escaped(use.key->id.name)));
    psa_raw_key_agreement::Result result;
    result.set_shared_secret(field_of(secret.reveal()));
    return serialized(result);
  });
}

Result<Work> prepare_key_attestation(Planning& planning) {
  auto request = TRY(parsed<prepare_key_attestation::Operation>(planning));
  TRY(require(request.parameters().has_activate_credential(), "parameters"));
  std::ignore = TRY(planning.application());
  const auto& parameters = request.parameters().activate_credential();
  Attester* attester = TRY(facet(planning.provider().attester(), "attests no keys"));
  TRY(check_default_attester(parameters.attesting_key_name()));
  KeyRecordPtr key = TRY(planning.key(parameters.attested_key_name()));
  return answered_by(kStoreChangeCost, [attester, key]() -> Result<Bytes> {
    Attester::Preparation prepared = TRY(attester->prepare(*key));
    prepare_key_attestation::Result result;
    auto& output = *result.mutable_output()->mutable_activate_credential();
    output.set_name(field_of(prepared.name));
    output.set_public_(field_of(prepared.public_area));
    output.set_attesting_key_pub(field_of(prepared.attesting_key));
    return serialized(result);
  });
}

Result<Work> attest_key(Planning& planning) {
  auto request = TRY(parsed<attest_key::Operation>(planning));
  TRY(require(request.parameters().has_activate_credential(), "parameters"));
  std::ignore = TRY(planning.application());
  Attester* attester = TRY(facet(planning.provider().attester(), "attests no keys"));
  TRY(check_default_attester(request.attesting_key_name()));
  KeyRecordPtr key = TRY(planning.key(request.attested_key_name()));
  return answered_by(
      kStoreChangeCost, [attester, key, request = std::move(request)]() -> Result<Bytes> {
        const auto& parameters = request.parameters().activate_credential();
        SecretBuffer credential = TRY(attester->activate_credential(
            *key, bytes_in(parameters.credential_blob()), bytes_in(parameters.secret())));
        attest_key::Result result;
        result.mutable_output()->mutable_activate_credential()->set_credential(
            field_of(credential.reveal()));
        return serialized(result);
      });
}

}  // namespace strongroom
