// Between the encodings of the PSA Crypto API 1.1 (appendix "Algorithm and key type encoding") and
// plain values, both ways.
#pragma once

#include <string_view>
#include <utility>
#include <variant>

#include "base/error.h"
#include "base/psa.h"
#include "strongroom/c/psa_values.h"
#include "strongroom/client_error.h"

namespace strongroom::c_api {

// A value that is not of the specification, or that the contracts cannot carry, is
// PsaErrorNotSupported.
ClientResult<psa::KeyType> key_type_from(strongroom_key_type value);
ClientResult<psa::UsageFlags> usage_from(strongroom_key_usage value);
ClientResult<psa::Algorithm> algorithm_from(strongroom_algorithm value);

strongroom_key_type psa_value(const psa::KeyType& type) noexcept;
strongroom_key_usage psa_value(const psa::UsageFlags& usage) noexcept;
// STRONGROOM_ALG_UNENCODABLE for lengths of tags and of truncated MACs other than 1 to 63 bytes. An
// AEAD shortened to the default length is the AEAD itself here, and comes back as that.
strongroom_algorithm psa_value(const psa::Algorithm& algorithm);

std::unexpected<ClientError> wrong_kind(strongroom_algorithm value, std::string_view kind);

// An algorithm of one kind, such as "MAC"; PsaErrorInvalidArgument for one of another.
template <typename Kind>
ClientResult<Kind> algorithm_as(strongroom_algorithm value, std::string_view kind) {
  psa::Algorithm algorithm = TRY(algorithm_from(value));
  const auto* wanted = std::get_if<Kind>(&algorithm);
  if (wanted == nullptr) return wrong_kind(value, kind);
  return *wanted;
}

// PsaErrorInvalidArgument for one that goes on with a derivation, too.
ClientResult<psa::RawKeyAgreement> raw_agreement_from(strongroom_algorithm value);

}  // namespace strongroom::c_api
