// The attributes of keys.
#include <tuple>

#include "client/c_api/call.h"
#include "client/c_api/psa_mapping.h"

using strongroom::ClientResult;
namespace c_api = strongroom::c_api;

namespace {

// The member gets the value, once `check` has found that Parsec has it.
template <typename Value, typename Check>
strongroom_status set(strongroom_key_attributes* attributes, strongroom_error** error,
                      Value strongroom_key_attributes::* member, Value value, const Check& check) {
  return c_api::perform(error, [&]() -> ClientResult<> {
    if (attributes == nullptr) return c_api::null_argument("attributes");
    std::ignore = TRY(check(value));
    attributes->*member = value;
    return {};
  });
}

}  // namespace

strongroom_status strongroom_key_attributes_new(strongroom_key_attributes** attributes,
                                                strongroom_error** error) noexcept {
  return c_api::make_handle(attributes, error, []() -> ClientResult<strongroom_key_attributes> {
    return strongroom_key_attributes();
  });
}

strongroom_status strongroom_key_attributes_set_type(strongroom_key_attributes* attributes,
                                                     strongroom_key_type type,
                                                     strongroom_error** error) noexcept {
  return set(attributes, error, &strongroom_key_attributes::type, type, c_api::key_type_from);
}

strongroom_status strongroom_key_attributes_set_bits(strongroom_key_attributes* attributes,
                                                     uint32_t bits,
                                                     strongroom_error** error) noexcept {
  return set(attributes, error, &strongroom_key_attributes::bits, bits,
             [](uint32_t any) { return ClientResult<uint32_t>(any); });
}

strongroom_status strongroom_key_attributes_set_usage(strongroom_key_attributes* attributes,
                                                      strongroom_key_usage usage,
                                                      strongroom_error** error) noexcept {
  return set(attributes, error, &strongroom_key_attributes::usage, usage, c_api::usage_from);
}

strongroom_status strongroom_key_attributes_set_algorithm(strongroom_key_attributes* attributes,
                                                          strongroom_algorithm algorithm,
                                                          strongroom_error** error) noexcept {
  return set(attributes, error, &strongroom_key_attributes::algorithm, algorithm,
             c_api::algorithm_from);
}

strongroom_status strongroom_key_attributes_set_drawn_nonce_only(
    strongroom_key_attributes* attributes, bool drawn_nonce_only,
    strongroom_error** error) noexcept {
  return set(attributes, error, &strongroom_key_attributes::drawn_nonce_only, drawn_nonce_only,
             [](bool any) { return ClientResult<bool>(any); });
}

strongroom_key_type strongroom_key_attributes_type(
    const strongroom_key_attributes* attributes) noexcept {
  return attributes != nullptr ? attributes->type : STRONGROOM_KEY_TYPE_NONE;
}

uint32_t strongroom_key_attributes_bits(const strongroom_key_attributes* attributes) noexcept {
  return attributes != nullptr ? attributes->bits : 0;
}

strongroom_key_usage strongroom_key_attributes_usage(
    const strongroom_key_attributes* attributes) noexcept {
  return attributes != nullptr ? attributes->usage : 0;
}

strongroom_algorithm strongroom_key_attributes_algorithm(
    const strongroom_key_attributes* attributes) noexcept {
  return attributes != nullptr ? attributes->algorithm : STRONGROOM_ALG_NONE;
}

bool strongroom_key_attributes_drawn_nonce_only(
    const strongroom_key_attributes* attributes) noexcept {
  return attributes != nullptr && attributes->drawn_nonce_only;
}

void strongroom_key_attributes_free(strongroom_key_attributes* attributes) noexcept {
  delete attributes;
}
