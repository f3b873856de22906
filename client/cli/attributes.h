// The attributes of a new key, from --type, --algorithm and --usage.
#pragma once

#include "base/psa.h"
#include "client/cli/arguments.h"
#include "client/cli/names.h"

namespace strongroom::cli {

inline Outcome<psa::KeyAttributes> attributes_from(const Arguments& arguments) {
  std::optional<std::string> type_text = arguments.value("type");
  if (!type_text)
    return failed(ExitCode::Usage, "reading the command line: --type is missing",
                  "for example --type ecc-p256");
  TypeAndSize type = TRY(type_from(*type_text));
  psa::Algorithm algorithm = default_algorithm(type);
  if (std::optional<std::string> name = arguments.value("algorithm"))
    algorithm = TRY(algorithm_from(*name));
  psa::UsageFlags usage = default_usage(algorithm);
  if (std::optional<std::string> list = arguments.value("usage")) usage = TRY(usage_from(*list));
  return psa::KeyAttributes{
      .type = type.type, .bits = type.bits, .usage = usage, .algorithm = algorithm};
}

}  // namespace strongroom::cli
