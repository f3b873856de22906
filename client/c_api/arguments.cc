#include "client/c_api/arguments.h"

#include <string>

#include <fmt/format.h>

#include "base/error.h"
#include "client/c_api/psa_mapping.h"

namespace strongroom::c_api {

std::unexpected<ClientError> bad_argument(std::string message) {
  return std::unexpected(
      ClientError(ErrorSource::Caller, Status::PsaErrorInvalidArgument, std::move(message)));
}

std::unexpected<ClientError> null_argument(std::string_view name) {
  return bad_argument(fmt::format("reading the arguments: '{}' is NULL", name));
}

ClientResult<> check_out(bool is_there) {
  if (!is_there) return bad_argument("reading the arguments: an out parameter is NULL");
  return {};
}

ClientResult<std::string_view> text_in(std::string_view name, const char* text) {
  if (text == nullptr) return null_argument(name);
  return std::string_view(text);
}

ClientResult<ByteView> bytes_in(std::string_view name, const std::uint8_t* data, std::size_t size) {
  if (size == 0) return ByteView();
  if (data == nullptr) return null_argument(name);
  return std::as_bytes(std::span(data, size));
}

ClientResult<psa::KeyAttributes> attributes_in(const strongroom_key_attributes* attributes) {
  if (attributes == nullptr) return null_argument("attributes");
  psa::KeyType type = TRY(key_type_from(attributes->type));
  psa::UsageFlags usage = TRY(usage_from(attributes->usage));
  psa::Algorithm algorithm = TRY(algorithm_from(attributes->algorithm));
  return psa::KeyAttributes{.type = type,
                            .bits = attributes->bits,
                            .usage = usage,
                            .algorithm = algorithm,
                            .drawn_nonce_only = attributes->drawn_nonce_only};
}

strongroom_key_attributes attributes_out(const psa::KeyAttributes& attributes) noexcept {
  return {.type = psa_value(attributes.type),
          .bits = attributes.bits,
          .usage = psa_value(attributes.usage),
          .algorithm = psa_value(attributes.algorithm),
          .drawn_nonce_only = attributes.drawn_nonce_only};
}

}  // namespace strongroom::c_api
