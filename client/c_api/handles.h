// What stands behind the handles of the C interface. Each owns all it shows.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "strongroom/client.h"
#include "strongroom/strongroom.h"

struct strongroom_error {
  strongroom::ClientError error;
};

struct strongroom_options {
  strongroom::ClientOptions options;
};

struct strongroom_client {
  strongroom::Client client;
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

struct strongroom_client_list {
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

struct strongroom_service_report {
  strongroom::ServiceStatus status;
};
