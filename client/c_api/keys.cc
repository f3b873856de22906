// Making, finding, moving and destroying keys.
#include "client/c_api/call.h"
#include "client/c_api/prepare.h"

namespace prepare = strongroom::c_api::prepare;
namespace requests = strongroom::requests;
using strongroom::c_api::call_for_handle;
using strongroom::c_api::call_for_nothing;
using strongroom::c_api::count;
using strongroom::c_api::item;

strongroom_status strongroom_generate_key(strongroom_client* client, const char* name,
                                          const strongroom_key_attributes* attributes,
                                          strongroom_error** error) noexcept {
  return call_for_nothing(client, error, [&]() { return prepare::generate_key(name, attributes); });
}

strongroom_status strongroom_import_key(strongroom_client* client, const char* name,
                                        const strongroom_key_attributes* attributes,
                                        const uint8_t* data, size_t data_size,
                                        strongroom_error** error) noexcept {
  return call_for_nothing(
      client, error, [&]() { return prepare::import_key(name, attributes, {data, data_size}); });
}

strongroom_status strongroom_export_key(strongroom_client* client, const char* name,
                                        strongroom_buffer** key,
                                        strongroom_error** error) noexcept {
  return call_for_handle(client, key, error, [&]() { return prepare::export_key(name); });
}

strongroom_status strongroom_export_public_key(strongroom_client* client, const char* name,
                                               strongroom_buffer** key,
                                               strongroom_error** error) noexcept {
  return call_for_handle(client, key, error, [&]() { return prepare::export_public_key(name); });
}

strongroom_status strongroom_destroy_key(strongroom_client* client, const char* name,
                                         strongroom_error** error) noexcept {
  return call_for_nothing(client, error, [&]() { return prepare::destroy_key(name); });
}

strongroom_status strongroom_list_keys(strongroom_client* client, strongroom_key_list** keys,
                                       strongroom_error** error) noexcept {
  return call_for_handle(client, keys, error, []() { return requests::list_keys(); });
}

size_t strongroom_key_list_count(const strongroom_key_list* list) noexcept {
  return count(list);
}

uint8_t strongroom_key_list_provider(const strongroom_key_list* list, size_t index) noexcept {
  const auto* key = item(list, index);
  return key != nullptr ? static_cast<uint8_t>(key->provider) : 0;
}

const char* strongroom_key_list_name(const strongroom_key_list* list, size_t index) noexcept {
  const auto* key = item(list, index);
  return key != nullptr ? key->name.c_str() : nullptr;
}

size_t strongroom_key_list_name_size(const strongroom_key_list* list, size_t index) noexcept {
  const auto* key = item(list, index);
  return key != nullptr ? key->name.size() : 0;
}

const strongroom_key_attributes* strongroom_key_list_attributes(const strongroom_key_list* list,
                                                                size_t index) noexcept {
  const auto* key = item(list, index);
  return key != nullptr ? &key->attributes : nullptr;
}

void strongroom_key_list_free(strongroom_key_list* list) noexcept {
  delete list;
}

strongroom_status strongroom_key_info(strongroom_client* client, const char* name,
                                      strongroom_key_details** details,
                                      strongroom_error** error) noexcept {
  return call_for_handle(client, details, error, [&]() { return prepare::key_info(name); });
}

const strongroom_key_attributes* strongroom_key_details_attributes(
    const strongroom_key_details* details) noexcept {
  return details != nullptr ? &details->attributes : nullptr;
}

uint8_t strongroom_key_details_provider(const strongroom_key_details* details) noexcept {
  return details != nullptr ? static_cast<uint8_t>(details->provider) : 0;
}

int64_t strongroom_key_details_created(const strongroom_key_details* details) noexcept {
  return details != nullptr ? details->created.time_since_epoch().count() : 0;
}

strongroom_protection strongroom_key_details_protection(
    const strongroom_key_details* details) noexcept {
  if (details == nullptr) return STRONGROOM_PROTECTION_UNKNOWN;
  return static_cast<strongroom_protection>(details->protection);
}

const strongroom_buffer* strongroom_key_details_public_key(
    const strongroom_key_details* details) noexcept {
  return details != nullptr ? &details->public_key : nullptr;
}

void strongroom_key_details_free(strongroom_key_details* details) noexcept {
  delete details;
}
