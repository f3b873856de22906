// The attributes of a new key, from --type, --algorithm and --usage.
#pragma once

#include "base/psa.h"
#include "client/cli/arguments.h"
#include "client/cli/format/names.h"
#include "client/cli/format/policy.h"

namespace strongroom::cli {

inline Outcome<psa::KeyAttributes> attributes_from(const Arguments& arguments) {
  std::optional<std::string> type_text = arguments.value("type");
  if (!type_text)
    return failed(ExitCode::Usage, "reading the command line: --type is missing",
                  "for example --type ecc-p256");
  TypeAndSize type = TRY(type_from(*type_text));
  std::optional<std::string> name = arguments.value("algorithm");
  auto algorithm = TRY(name ? algorithm_from(*name) : default_algorithm(type));
  std::optional<std::string> list = arguments.value("usage");
  auto usage = TRY(list ? usage_from(*list) : default_usage(algorithm));
  psa::KeyAttributes attributes = {.type = type.type,
                                   .bits = type.bits,
                                   .usage = usage,
                                   .algorithm = algorithm,
                                   .drawn_nonce_only = arguments.has("drawn-nonce-only")};
  TRY(check_policy("reading the command line", attributes));
  return attributes;
}

}  // namespace strongroom::cli
