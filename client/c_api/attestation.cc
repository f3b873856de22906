#include "client/c_api/call.h"
#include "client/c_api/prepare.h"

namespace prepare = strongroom::c_api::prepare;
using strongroom::c_api::call_for_handle;
using strongroom::c_api::count;
using strongroom::c_api::item;
using strongroom::c_api::make;

namespace {

template <typename Handle>
const strongroom_buffer* part_of(const Handle* handle, strongroom_buffer Handle::* part) noexcept {
  return handle != nullptr ? &(handle->*part) : nullptr;
}

}  // namespace

strongroom_status strongroom_prepare_key_attestation(strongroom_client* client, const char* key,
                                                     strongroom_attestation_identity** identity,
                                                     strongroom_error** error) noexcept {
  return call_for_handle(client, identity, error,
                         [&]() { return prepare::prepare_key_attestation(key); });
}

const strongroom_buffer* strongroom_attestation_identity_name(
    const strongroom_attestation_identity* identity) noexcept {
  return part_of(identity, &strongroom_attestation_identity::name);
}

const strongroom_buffer* strongroom_attestation_identity_public_area(
    const strongroom_attestation_identity* identity) noexcept {
  return part_of(identity, &strongroom_attestation_identity::public_area);
}

const strongroom_buffer* strongroom_attestation_identity_endorsement_key(
    const strongroom_attestation_identity* identity) noexcept {
  return part_of(identity, &strongroom_attestation_identity::endorsement_key);
}

void strongroom_attestation_identity_free(strongroom_attestation_identity* identity) noexcept {
  delete identity;
}

strongroom_status strongroom_attest_key(strongroom_client* client, const char* key,
                                        const uint8_t* credential, size_t credential_size,
                                        const uint8_t* secret, size_t secret_size,
                                        strongroom_buffer** enclosed,
                                        strongroom_error** error) noexcept {
  return call_for_handle(client, enclosed, error, [&]() {
    return prepare::attest_key(key, {credential, credential_size}, {secret, secret_size});
  });
}

strongroom_status strongroom_certify_key(strongroom_client* client, const char* key,
                                         const uint8_t* nonce, size_t nonce_size,
                                         strongroom_tpm_statement** statement,
                                         strongroom_error** error) noexcept {
  return call_for_handle(client, statement, error,
                         [&]() { return prepare::certify_key(key, {nonce, nonce_size}); });
}

strongroom_status strongroom_quote(strongroom_client* client,
                                   const strongroom_register_selection* selections, size_t count,
                                   const uint8_t* nonce, size_t nonce_size,
                                   strongroom_tpm_statement** statement,
                                   strongroom_error** error) noexcept {
  return call_for_handle(client, statement, error,
                         [&]() { return prepare::quote(selections, count, {nonce, nonce_size}); });
}

const strongroom_buffer* strongroom_tpm_statement_attest(
    const strongroom_tpm_statement* statement) noexcept {
  return part_of(statement, &strongroom_tpm_statement::attest);
}

const strongroom_buffer* strongroom_tpm_statement_signature(
    const strongroom_tpm_statement* statement) noexcept {
  return part_of(statement, &strongroom_tpm_statement::signature);
}

const strongroom_buffer* strongroom_tpm_statement_attestation_key(
    const strongroom_tpm_statement* statement) noexcept {
  return part_of(statement, &strongroom_tpm_statement::attestation_key);
}

const strongroom_buffer* strongroom_tpm_statement_key(
    const strongroom_tpm_statement* statement) noexcept {
  return part_of(statement, &strongroom_tpm_statement::key);
}

size_t strongroom_tpm_statement_value_count(const strongroom_tpm_statement* statement) noexcept {
  return count(statement);
}

const strongroom_buffer* strongroom_tpm_statement_value(const strongroom_tpm_statement* statement,
                                                        size_t index) noexcept {
  return item(statement, index);
}

void strongroom_tpm_statement_free(strongroom_tpm_statement* statement) noexcept {
  delete statement;
}

strongroom_status strongroom_request_prepare_key_attestation(const char* key,
                                                             strongroom_request** request,
                                                             strongroom_error** error) noexcept {
  return make(request, error, [&]() { return prepare::prepare_key_attestation(key); });
}

strongroom_status strongroom_request_attest_key(const char* key, const uint8_t* credential,
                                                size_t credential_size, const uint8_t* secret,
                                                size_t secret_size, strongroom_request** request,
                                                strongroom_error** error) noexcept {
  return make(request, error, [&]() {
    return prepare::attest_key(key, {credential, credential_size}, {secret, secret_size});
  });
}

strongroom_status strongroom_request_certify_key(const char* key, const uint8_t* nonce,
                                                 size_t nonce_size, strongroom_request** request,
                                                 strongroom_error** error) noexcept {
  return make(request, error, [&]() { return prepare::certify_key(key, {nonce, nonce_size}); });
}

strongroom_status strongroom_request_quote(const strongroom_register_selection* selections,
                                           size_t count, const uint8_t* nonce, size_t nonce_size,
                                           strongroom_request** request,
                                           strongroom_error** error) noexcept {
  return make(request, error,
              [&]() { return prepare::quote(selections, count, {nonce, nonce_size}); });
}
