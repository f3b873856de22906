// What `sign` and `verify` have in common: the key and the one algorithm that it permits.
#pragma once

#include <fmt/format.h>

#include "client/cli/commands/key_lookup.h"
#include "client/cli/format/names.h"

namespace strongroom::cli {

struct SigningKey {
  KeyInfo info;
  psa::AsymmetricSignature policy;
  bool is_ecdsa() const { return info.attributes.type.is_ecc(); }
};

// NotPermitted when the key is not one for signatures.
inline Outcome<SigningKey> find_signing_key(const Invocation& invocation, Client& client,
                                            const std::string& name, const Task& task) {
  KeyInfo key = TRY(find_key(invocation, client, name, task));
  const auto* policy = std::get_if<psa::AsymmetricSignature>(&key.attributes.algorithm);
  if (policy == nullptr)
    return failed(ExitCode::NotPermitted,
                  fmt::format("{}: the key permits {} alone", task.doing,
                              algorithm_name(key.attributes.algorithm)),
                  "generate one with --algorithm ecdsa-sha256, for example");
  psa::AsymmetricSignature permitted = *policy;
  return SigningKey{.info = std::move(key), .policy = permitted};
}

}  // namespace strongroom::cli
