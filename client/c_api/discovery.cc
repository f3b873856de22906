// What the service is and has.
#include "client/c_api/call.h"
#include "client/c_api/prepare.h"

namespace prepare = strongroom::c_api::prepare;
namespace requests = strongroom::requests;
using strongroom::ReleaseVersion;
using strongroom::c_api::call_for_handle;
using strongroom::c_api::call_for_nothing;
using strongroom::c_api::call_for_value;
using strongroom::c_api::count;
using strongroom::c_api::item;

namespace {

strongroom_release release_of(const ReleaseVersion& version) noexcept {
  return {version.major_number, version.minor_number, version.revision};
}

}  // namespace

strongroom_status strongroom_ping(strongroom_client* client, uint32_t* major_number,
                                  uint32_t* minor_number, strongroom_error** error) noexcept {
  return call_for_value(
      client, error, [] { return requests::ping(); },
      [&](const strongroom::WireVersion& version) {
        if (major_number != nullptr) *major_number = version.major_number;
        if (minor_number != nullptr) *minor_number = version.minor_number;
      });
}

strongroom_status strongroom_list_providers(strongroom_client* client,
                                            strongroom_provider_list** providers,
                                            strongroom_error** error) noexcept {
  return call_for_handle(client, providers, error, []() { return requests::list_providers(); });
}

size_t strongroom_provider_list_count(const strongroom_provider_list* list) noexcept {
  return count(list);
}

uint8_t strongroom_provider_list_id(const strongroom_provider_list* list, size_t index) noexcept {
  const auto* provider = item(list, index);
  return provider != nullptr ? static_cast<uint8_t>(provider->id) : 0;
}

const char* strongroom_provider_list_uuid(const strongroom_provider_list* list,
                                          size_t index) noexcept {
  const auto* provider = item(list, index);
  return provider != nullptr ? provider->uuid.c_str() : nullptr;
}

const char* strongroom_provider_list_description(const strongroom_provider_list* list,
                                                 size_t index) noexcept {
  const auto* provider = item(list, index);
  return provider != nullptr ? provider->description.c_str() : nullptr;
}

const char* strongroom_provider_list_vendor(const strongroom_provider_list* list,
                                            size_t index) noexcept {
  const auto* provider = item(list, index);
  return provider != nullptr ? provider->vendor.c_str() : nullptr;
}

strongroom_release strongroom_provider_list_version(const strongroom_provider_list* list,
                                                    size_t index) noexcept {
  const auto* provider = item(list, index);
  return release_of(provider != nullptr ? provider->version : ReleaseVersion());
}

void strongroom_provider_list_free(strongroom_provider_list* list) noexcept {
  delete list;
}

strongroom_status strongroom_list_authenticators(strongroom_client* client,
                                                 strongroom_authenticator_list** authenticators,
                                                 strongroom_error** error) noexcept {
  return call_for_handle(client, authenticators, error,
                         []() { return requests::list_authenticators(); });
}

size_t strongroom_authenticator_list_count(const strongroom_authenticator_list* list) noexcept {
  return count(list);
}

uint8_t strongroom_authenticator_list_id(const strongroom_authenticator_list* list,
                                         size_t index) noexcept {
  const auto* authenticator = item(list, index);
  return authenticator != nullptr ? static_cast<uint8_t>(authenticator->id) : 0;
}

const char* strongroom_authenticator_list_description(const strongroom_authenticator_list* list,
                                                      size_t index) noexcept {
  const auto* authenticator = item(list, index);
  return authenticator != nullptr ? authenticator->description.c_str() : nullptr;
}

strongroom_release strongroom_authenticator_list_version(const strongroom_authenticator_list* list,
                                                         size_t index) noexcept {
  const auto* authenticator = item(list, index);
  return release_of(authenticator != nullptr ? authenticator->version : ReleaseVersion());
}

void strongroom_authenticator_list_free(strongroom_authenticator_list* list) noexcept {
  delete list;
}

strongroom_status strongroom_list_opcodes(strongroom_client* client, uint8_t provider,
                                          strongroom_opcode_list** opcodes,
                                          strongroom_error** error) noexcept {
  return call_for_handle(client, opcodes, error, [&]() {
    return requests::list_opcodes(static_cast<strongroom::ProviderId>(provider));
  });
}

size_t strongroom_opcode_list_count(const strongroom_opcode_list* list) noexcept {
  return count(list);
}

uint32_t strongroom_opcode_list_opcode(const strongroom_opcode_list* list, size_t index) noexcept {
  const auto* opcode = item(list, index);
  return opcode != nullptr ? static_cast<uint32_t>(*opcode) : 0;
}

void strongroom_opcode_list_free(strongroom_opcode_list* list) noexcept {
  delete list;
}

strongroom_status strongroom_can_do_crypto(strongroom_client* client, strongroom_crypto_check check,
                                           const strongroom_key_attributes* attributes,
                                           strongroom_error** error) noexcept {
  return call_for_nothing(client, error,
                          [&]() { return prepare::can_do_crypto(check, attributes); });
}

strongroom_status strongroom_list_applications(strongroom_client* client,
                                               strongroom_application_list** applications,
                                               strongroom_error** error) noexcept {
  return call_for_handle(client, applications, error, []() { return requests::list_clients(); });
}

size_t strongroom_application_list_count(const strongroom_application_list* list) noexcept {
  return count(list);
}

const char* strongroom_application_list_name(const strongroom_application_list* list,
                                             size_t index) noexcept {
  const auto* name = item(list, index);
  return name != nullptr ? name->c_str() : nullptr;
}

size_t strongroom_application_list_name_size(const strongroom_application_list* list,
                                             size_t index) noexcept {
  const auto* name = item(list, index);
  return name != nullptr ? name->size() : 0;
}

void strongroom_application_list_free(strongroom_application_list* list) noexcept {
  delete list;
}

strongroom_status strongroom_delete_client(strongroom_client* client, const char* name,
                                           strongroom_error** error) noexcept {
  return call_for_nothing(client, error, [&]() { return prepare::delete_client(name); });
}
