// What stands behind the handles of the C interface. Each owns all it shows.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "client/c_api/cancellation.h"
#include "strongroom/async_client.h"
#include "strongroom/client.h"
#include "strongroom/key_attestation.h"
#include "strongroom/strongroom.h"

struct strongroom_error {
  strongroom::ClientError error;
};

struct strongroom_options {
  strongroom::ClientOptions options;
};

struct strongroom_client {
  explicit strongroom_client(strongroom::Client&& opened) : client(std::move(opened)) {}

  template <typename T>
  strongroom::ClientResult<T> call(
      strongroom::ClientResult<strongroom::PreparedRequest<T>> request) {
    return client.call(std::move(request), {.cancellation = cancellation.token()});
  }

  strongroom::Client client;
  strongroom::c_api::Cancellation cancellation;
};

struct strongroom_buffer {
  strongroom::SecretBytes bytes;
};

// As PSA encodes them; type and algorithm are checked when they are set.
struct strongroom_key_attributes {
  strongroom_key_type type = STRONGROOM_KEY_TYPE_NONE;
  std::uint32_t bits = 0;
  strongroom_key_usage usage = 0;
  strongroom_algorithm algorithm = STRONGROOM_ALG_NONE;
  bool drawn_nonce_only = false;
};

// By strongroom_derivation_step.
struct strongroom_derivation_inputs {
  std::array<strongroom::SecretBytes, 5> steps;
};

struct strongroom_provider_list {
  std::vector<strongroom::ProviderInfo> items;
};

struct strongroom_authenticator_list {
  std::vector<strongroom::AuthenticatorInfo> items;
};

struct strongroom_opcode_list {
  std::vector<strongroom::Opcode> items;
};

struct strongroom_application_list {
  std::vector<std::string> items;
};

namespace strongroom::c_api {

struct ListedKey {
  ProviderId provider;
  std::string name;
  strongroom_key_attributes attributes;
};

}  // namespace strongroom::c_api

struct strongroom_key_list {
  std::vector<strongroom::c_api::ListedKey> items;
};

struct strongroom_key_details {
  strongroom_key_attributes attributes;
  strongroom::ProviderId provider;
  std::chrono::sys_seconds created;
  strongroom::Protection protection;
  strongroom_buffer public_key;
};

struct strongroom_signature_list {
  std::vector<strongroom_buffer> items;
};

struct strongroom_sealed_text {
  strongroom_buffer nonce;
  strongroom_buffer ciphertext;
};

struct strongroom_attestation_identity {
  strongroom_buffer name;
  strongroom_buffer public_area;
  strongroom_buffer endorsement_key;
};

struct strongroom_tpm_statement {
  strongroom_buffer attest;
  strongroom_buffer signature;
  strongroom_buffer attestation_key;
  strongroom_buffer key;
  std::vector<strongroom_buffer> items;
};

struct strongroom_service_report {
  strongroom::ServiceStatus status;
};

struct strongroom_reload_report {
  strongroom::ReloadAnswer answer;
};

struct strongroom_store_check {
  strongroom::StoreCheckAnswer answer;
};

namespace strongroom::c_api {

// A request for each kind of answer.
template <typename... T>
using PreparedAny = std::variant<PreparedRequest<T>...>;
using AnyRequest =
    PreparedAny<void, WireVersion, Bytes, SecretBytes, std::vector<ProviderInfo>,
                std::vector<AuthenticatorInfo>, std::vector<Opcode>, std::vector<KeyInfo>,
                std::vector<std::string>, KeyDetails, ServiceStatus, ReloadAnswer, StoreCheckAnswer,
                std::vector<Bytes>, SealedText, AttestationIdentity, KeyCertificate, RegisterQuote>;

// The answer to each; nothing where there is nothing in it, or where it was taken.
template <typename... Handle>
using OwnedAny = std::variant<std::monostate, WireVersion, std::unique_ptr<Handle>...>;
using AnyAnswer =
    OwnedAny<strongroom_buffer, strongroom_provider_list, strongroom_authenticator_list,
             strongroom_opcode_list, strongroom_key_list, strongroom_application_list,
             strongroom_key_details, strongroom_service_report, strongroom_reload_report,
             strongroom_store_check, strongroom_signature_list, strongroom_sealed_text,
             strongroom_attestation_identity, strongroom_tpm_statement>;

}  // namespace strongroom::c_api

struct strongroom_request {
  strongroom::c_api::AnyRequest prepared;
  strongroom::CallOptions options;
};

struct strongroom_answer {
  strongroom::c_api::AnyAnswer value;
};

struct strongroom_async {
  strongroom::AsyncClient client;
};
