// What Strongroom does with keys beyond Parsec's operations, and attestation, which is partly so.
#include <utility>

#include "client/c_api/call.h"
#include "client/c_api/prepare.h"

namespace c_api = strongroom::c_api;
namespace prepare = strongroom::c_api::prepare;
using strongroom::ClientResult;
using strongroom::c_api::call_for_handle;
using strongroom::c_api::call_for_nothing;
using strongroom::c_api::count;
using strongroom::c_api::item;
using strongroom::c_api::make;

namespace {

template <typename Handle>
const strongroom_buffer* part_of(const Handle* handle, strongroom_buffer Handle::* part) noexcept {
  return handle != nullptr ? &(handle->*part) : nullptr;
}

}  // namespace

strongroom_status strongroom_derivation_inputs_new(strongroom_derivation_inputs** inputs,
                                                   strongroom_error** error) noexcept {
  return c_api::make_handle(inputs, error, []() -> ClientResult<strongroom_derivation_inputs> {
    return strongroom_derivation_inputs();
  });
}

strongroom_status strongroom_derivation_inputs_set(strongroom_derivation_inputs* inputs,
                                                   strongroom_derivation_step step,
                                                   const uint8_t* data, size_t data_size,
                                                   strongroom_error** error) noexcept {
  return c_api::perform(error, [&]() -> ClientResult<> {
    if (inputs == nullptr) return c_api::null_argument("inputs");
    if (static_cast<std::size_t>(step) >= inputs->steps.size())
      return c_api::bad_argument("reading the arguments: there is no such step");
    auto bytes = TRY(c_api::bytes_in("data", data, data_size));
    inputs->steps.at(step) = strongroom::SecretBytes(bytes.begin(), bytes.end());
    return {};
  });
}

void strongroom_derivation_inputs_free(strongroom_derivation_inputs* inputs) noexcept {
  delete inputs;
}

strongroom_status strongroom_derive_key(strongroom_client* client, const char* secret,
                                        strongroom_algorithm algorithm,
                                        const strongroom_derivation_inputs* inputs,
                                        const char* new_key,
                                        const strongroom_key_attributes* attributes,
                                        strongroom_error** error) noexcept {
  return call_for_nothing(client, error, [&]() {
    return prepare::derive_key(secret, algorithm, inputs, new_key, attributes);
  });
}

strongroom_status strongroom_wrap_key(strongroom_client* client, const char* key,
                                      const char* wrapping_key, strongroom_algorithm algorithm,
                                      strongroom_buffer** wrapped_key,
                                      strongroom_error** error) noexcept {
  return call_for_handle(client, wrapped_key, error,
                         [&]() { return prepare::wrap_key(key, wrapping_key, algorithm); });
}

strongroom_status strongroom_unwrap_key(strongroom_client* client, const char* new_key,
                                        const strongroom_key_attributes* attributes,
                                        const char* unwrapping_key, strongroom_algorithm algorithm,
                                        const uint8_t* wrapped_key, size_t wrapped_key_size,
                                        strongroom_error** error) noexcept {
  return call_for_nothing(client, error, [&]() {
    return prepare::unwrap_key(new_key, attributes, unwrapping_key, algorithm,
                               {wrapped_key, wrapped_key_size});
  });
}

strongroom_status strongroom_sign_hashes(strongroom_client* client, const char* key,
                                         strongroom_algorithm algorithm,
                                         const uint8_t* const* hashes, const size_t* hash_sizes,
                                         size_t count, strongroom_signature_list** signatures,
                                         strongroom_error** error) noexcept {
  return call_for_handle(client, signatures, error, [&]() {
    return prepare::sign_hashes(key, algorithm, {hashes, hash_sizes, count});
  });
}

strongroom_status strongroom_sign_messages(strongroom_client* client, const char* key,
                                           strongroom_algorithm algorithm,
                                           const uint8_t* const* messages,
                                           const size_t* message_sizes, size_t count,
                                           strongroom_signature_list** signatures,
                                           strongroom_error** error) noexcept {
  return call_for_handle(client, signatures, error, [&]() {
    return prepare::sign_messages(key, algorithm, {messages, message_sizes, count});
  });
}

size_t strongroom_signature_list_count(const strongroom_signature_list* list) noexcept {
  return count(list);
}

const strongroom_buffer* strongroom_signature_list_signature(const strongroom_signature_list* list,
                                                             size_t index) noexcept {
  return item(list, index);
}

void strongroom_signature_list_free(strongroom_signature_list* list) noexcept {
  delete list;
}

strongroom_status strongroom_aead_seal(strongroom_client* client, const char* key,
                                       strongroom_algorithm algorithm,
                                       const uint8_t* additional_data, size_t additional_data_size,
                                       const uint8_t* plaintext, size_t plaintext_size,
                                       strongroom_sealed_text** sealed,
                                       strongroom_error** error) noexcept {
  return call_for_handle(client, sealed, error, [&]() {
    return prepare::aead_seal(key, algorithm, {additional_data, additional_data_size},
                              {plaintext, plaintext_size});
  });
}

const strongroom_buffer* strongroom_sealed_text_nonce(
    const strongroom_sealed_text* sealed) noexcept {
  return sealed != nullptr ? &sealed->nonce : nullptr;
}

const strongroom_buffer* strongroom_sealed_text_ciphertext(
    const strongroom_sealed_text* sealed) noexcept {
  return sealed != nullptr ? &sealed->ciphertext : nullptr;
}

void strongroom_sealed_text_free(strongroom_sealed_text* sealed) noexcept {
  delete sealed;
}

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
