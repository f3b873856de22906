// Proofs for third parties of what the provider holds.
#include <algorithm>

#include "attest_key.pb.h"
#include "certify_key.pb.h"
#include "prepare_key_attestation.pb.h"
#include "quote.pb.h"
#include "service/dispatch/handlers/handlers.h"
#include "service/dispatch/handlers/message.h"

namespace strongroom {
namespace {

// What TPM2B_DATA takes of every TPM that has SHA-512.
constexpr std::size_t kMostQualifyingData = 64;

Result<Attester*> attester_of(Planning& planning) {
  std::ignore = TRY(planning.application());
  return facet(planning.provider().attester(), "attests no keys");
}

// Attestation by another key than the endorsement key is not part of the contract.
Result<> check_default_attester(const std::string& attesting_key_name) {
  if (attesting_key_name.empty()) return {};
  return fail(Status::PsaErrorNotSupported,
              fmt::format("attesting with key '{}'", escaped(attesting_key_name)));
}

// nullptr for the provider's attestation key.
Result<KeyRecordPtr> attested_key(Planning& planning, const std::string& name,
                                  bool is_the_providers) {
  if (!is_the_providers) return planning.key(name);
  if (name.empty()) return KeyRecordPtr();
  return fail(Status::PsaErrorInvalidArgument, "the provider's key is attested, or the caller's");
}

Result<> check_qualifying_data(ByteView data) {
  if (data.size() <= kMostQualifyingData) return {};
  return fail(Status::PsaErrorInvalidArgument,
              fmt::format("{} bytes of qualifying data are more than {}", data.size(),
                          kMostQualifyingData));
}

Result<PcrSelection> selection_of(const ::quote::Bank& bank) {
  PcrSelection selection;
  selection.bank = TRY(decode(bank.hash()));
  selection.registers.assign(bank.registers().begin(), bank.registers().end());
  return selection;
}

Result<std::vector<PcrSelection>> selections_of(const ::quote::Operation& request) {
  std::vector<PcrSelection> selections;
  for (const ::quote::Bank& bank : request.banks()) {
    auto selection = TRY(selection_of(bank));
    selections.push_back(std::move(selection));
  }
  return selections;
}

// In the order that values are answered in; a TPM would quote duplicates once.
Result<> check_selections(std::span<const PcrSelection> selections) {
  for (const PcrSelection& selection : selections) {
    bool is_ascending = std::ranges::adjacent_find(selection.registers, std::greater_equal()) ==
                        selection.registers.end();
    bool is_only_one = std::ranges::count(selections, selection.bank, &PcrSelection::bank) == 1;
    if (selection.registers.empty() || !is_ascending || !is_only_one)
      return fail(Status::PsaErrorInvalidArgument,
                  "each bank is selected once, with registers that ascend");
  }
  return {};
}

template <typename Message>
void put_statement(Message& result, const Attester::Statement& statement) {
  result.set_attest(field_of(statement.attest));
  result.set_signature(field_of(statement.signature));
  result.set_attestation_key(field_of(statement.attestation_key));
}

}  // namespace

Result<Work> prepare_key_attestation(Planning& planning) {
  auto request = TRY(parsed<prepare_key_attestation::Operation>(planning));
  TRY(require(request.parameters().has_activate_credential(), "parameters"));
  const auto& parameters = request.parameters().activate_credential();
  Attester* attester = TRY(attester_of(planning));
  TRY(check_default_attester(parameters.attesting_key_name()));
  KeyRecordPtr key =
      TRY(attested_key(planning, parameters.attested_key_name(), parameters.attestation_key()));
  return answered_by(kAttestationCost, [attester, key]() -> Result<Bytes> {
    Attester::Preparation prepared = TRY(attester->prepare(key.get()));
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
  Attester* attester = TRY(attester_of(planning));
  TRY(check_default_attester(request.attesting_key_name()));
  KeyRecordPtr key =
      TRY(attested_key(planning, request.attested_key_name(), request.attestation_key()));
  return answered_by(
      kAttestationCost, [attester, key, request = std::move(request)]() -> Result<Bytes> {
        const auto& parameters = request.parameters().activate_credential();
        SecretBuffer credential = TRY(attester->activate_credential(
            key.get(), bytes_in(parameters.credential_blob()), bytes_in(parameters.secret())));
        attest_key::Result result;
        result.mutable_output()->mutable_activate_credential()->set_credential(
            field_of(credential.reveal()));
        return serialized(result);
      });
}

// No usage flag is needed: nothing is done with the key but to tell its name.
Result<Work> certify_key(Planning& planning) {
  auto request = TRY(parsed<certify_key::Operation>(planning));
  Attester* attester = TRY(attester_of(planning));
  KeyRecordPtr key = TRY(planning.key(request.key_name()));
  TRY(check_qualifying_data(bytes_in(request.qualifying_data())));
  return answered_by(
      kAttestationCost, [attester, key, request = std::move(request)]() -> Result<Bytes> {
        auto certificate = TRY(attester->certify(*key, bytes_in(request.qualifying_data())));
        certify_key::Result result;
        put_statement(result, certificate.statement);
        result.set_public_(field_of(certificate.public_area));
        return serialized(result);
      });
}

Result<Work> quote(Planning& planning) {
  auto request = TRY(parsed<::quote::Operation>(planning));
  auto selections = TRY(selections_of(request));
  Attester* attester = TRY(attester_of(planning));
  TRY(check_qualifying_data(bytes_in(request.qualifying_data())));
  TRY(check_selections(selections));
  return answered_by(kAttestationCost,
                     [attester, selections = std::move(selections),
                      request = std::move(request)]() -> Result<Bytes> {
                       auto quoted =
                           TRY(attester->quote(selections, bytes_in(request.qualifying_data())));
                       ::quote::Result result;
                       put_statement(result, quoted.statement);
                       for (const Bytes& value : quoted.values)
                         result.add_values(field_of(value));
                       return serialized(result);
                     });
}

}  // namespace strongroom
