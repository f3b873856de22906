#include "client/c_api/answers.h"

#include <utility>

#include "client/c_api/arguments.h"

namespace strongroom::c_api {
namespace {

strongroom_tpm_statement handle_of(const TpmStatement& statement) {
  return {.attest = c_api::handle_of(statement.attest),
          .signature = c_api::handle_of(statement.signature),
          .attestation_key = c_api::handle_of(statement.attestation_key),
          .key = {},
          .items = {}};
}

}  // namespace

strongroom_buffer handle_of(SecretBytes&& bytes) noexcept {
  return {std::move(bytes)};
}

strongroom_buffer handle_of(const Bytes& bytes) {
  return {SecretBytes(bytes.begin(), bytes.end())};
}

strongroom_provider_list handle_of(std::vector<ProviderInfo>&& providers) noexcept {
  return {std::move(providers)};
}

strongroom_authenticator_list handle_of(std::vector<AuthenticatorInfo>&& authenticators) noexcept {
  return {std::move(authenticators)};
}

strongroom_opcode_list handle_of(std::vector<Opcode>&& opcodes) noexcept {
  return {std::move(opcodes)};
}

strongroom_key_list handle_of(std::vector<strongroom::KeyInfo>&& keys) {
  strongroom_key_list list;
  list.items.reserve(keys.size());
  for (strongroom::KeyInfo& key : keys)
    list.items.push_back({.provider = key.provider,
                          .name = std::move(key.name),
                          .attributes = attributes_out(key.attributes)});
  return list;
}

strongroom_application_list handle_of(std::vector<std::string>&& clients) noexcept {
  return {std::move(clients)};
}

strongroom_key_details handle_of(const KeyDetails& details) {
  return {
      .attributes = attributes_out(details.key.attributes),
      .provider = details.key.provider,
      .created = details.created,
      .protection = details.protection,
      .public_key = handle_of(details.public_key),
  };
}

strongroom_service_report handle_of(ServiceStatus&& status) noexcept {
  return {std::move(status)};
}

strongroom_reload_report handle_of(ReloadAnswer&& answer) noexcept {
  return {std::move(answer)};
}

strongroom_store_check handle_of(StoreCheckAnswer&& answer) noexcept {
  return {std::move(answer)};
}

strongroom_signature_list handle_of(const std::vector<Bytes>& signatures) {
  strongroom_signature_list list;
  list.items.reserve(signatures.size());
  for (const Bytes& signature : signatures)
    list.items.push_back(handle_of(signature));
  return list;
}

strongroom_sealed_text handle_of(const SealedText& sealed) {
  return {.nonce = handle_of(sealed.nonce), .ciphertext = handle_of(sealed.ciphertext)};
}

strongroom_attestation_identity handle_of(const AttestationIdentity& identity) {
  return {.name = handle_of(identity.name),
          .public_area = handle_of(identity.public_area),
          .endorsement_key = handle_of(identity.endorsement_key)};
}

strongroom_tpm_statement handle_of(const KeyCertificate& certificate) {
  strongroom_tpm_statement handle = handle_of(certificate.statement);
  handle.key = handle_of(certificate.public_area);
  return handle;
}

strongroom_tpm_statement handle_of(const RegisterQuote& quote) {
  strongroom_tpm_statement handle = handle_of(quote.statement);
  for (const Bytes& value : quote.values)
    handle.items.push_back(handle_of(value));
  return handle;
}

}  // namespace strongroom::c_api
