// Making, finding, moving and destroying keys.
#include <utility>
#include <vector>

#include "client/c_api/call.h"

using strongroom::Bytes;
using strongroom::ByteView;
using strongroom::Client;
using strongroom::ClientResult;
using strongroom::SecretBytes;
using strongroom::c_api::ask;
using strongroom::c_api::ask_bytes;
using strongroom::c_api::attributes_in;
using strongroom::c_api::attributes_out;
using strongroom::c_api::bytes_in;
using strongroom::c_api::count;
using strongroom::c_api::item;
using strongroom::c_api::ListedKey;
using strongroom::c_api::tell;
using strongroom::c_api::text_in;

strongroom_status strongroom_generate_key(strongroom_client* client, const char* name,
                                          const strongroom_key_attributes* attributes,
                                          strongroom_error** error) noexcept {
  return tell(client, error, [&](Client& service) -> ClientResult<> {
    auto key = TRY(text_in("name", name));
    auto wanted = TRY(attributes_in(attributes));
    return service.generate_key(key, wanted);
  });
}

strongroom_status strongroom_import_key(strongroom_client* client, const char* name,
                                        const strongroom_key_attributes* attributes,
                                        const uint8_t* data, size_t data_size,
                                        strongroom_error** error) noexcept {
  return tell(client, error, [&](Client& service) -> ClientResult<> {
    auto key = TRY(text_in("name", name));
    auto wanted = TRY(attributes_in(attributes));
    auto material = TRY(bytes_in("data", data, data_size));
    return service.import_key(key, wanted, material);
  });
}

strongroom_status strongroom_export_key(strongroom_client* client, const char* name,
                                        strongroom_buffer** key,
                                        strongroom_error** error) noexcept {
  return ask_bytes(client, key, error, [&](Client& service) -> ClientResult<SecretBytes> {
    auto wanted = TRY(text_in("name", name));
    return service.export_key(wanted);
  });
}

strongroom_status strongroom_export_public_key(strongroom_client* client, const char* name,
                                               strongroom_buffer** key,
                                               strongroom_error** error) noexcept {
  return ask_bytes(client, key, error, [&](Client& service) -> ClientResult<Bytes> {
    auto wanted = TRY(text_in("name", name));
    return service.export_public_key(wanted);
  });
}

strongroom_status strongroom_destroy_key(strongroom_client* client, const char* name,
                                         strongroom_error** error) noexcept {
  return tell(client, error, [&](Client& service) -> ClientResult<> {
    auto key = TRY(text_in("name", name));
    return service.destroy_key(key);
  });
}

strongroom_status strongroom_list_keys(strongroom_client* client, strongroom_key_list** keys,
                                       strongroom_error** error) noexcept {
  return ask(client, keys, error, [](Client& service) -> ClientResult<std::vector<ListedKey>> {
    auto listed = TRY(service.list_keys());
    std::vector<ListedKey> items;
    items.reserve(listed.size());
    for (strongroom::KeyInfo& key : listed)
      items.push_back({.provider = key.provider,
                       .name = std::move(key.name),
                       .attributes = attributes_out(key.attributes)});
    return items;
  });
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
  return ask(client, details, error, [&](Client& service) -> ClientResult<strongroom_key_details> {
    auto key = TRY(text_in("name", name));
    strongroom::KeyDetails known = TRY(service.key_info(key));
    const Bytes& point = known.public_key;
    return strongroom_key_details{
        .attributes = attributes_out(known.key.attributes),
        .provider = known.key.provider,
        .created = known.created,
        .protection = known.protection,
        .public_key = {SecretBytes(point.begin(), point.end())},
    };
  });
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
