// Every operation of the contract that uses a key, as a table.
#pragma once

#include <string>
#include <vector>

#include "strongroom/client.h"

namespace strongroom::conformance {

enum class Input {
  Good,     // as long as the operation wants it; signatures, tags and MACs are wrong ones
  Lengths,  // of a length that it refuses, or Good where it takes any
};

struct KeyUse {
  std::string_view name;
  psa::KeyAttributes key;  // with every usage flag but those of `flags`
  bool psa::UsageFlags::* flag;
  bool refuses_lengths;
  ClientResult<> (*run)(Client& client, const std::string& key, const psa::Algorithm& algorithm,
                        Input input);
};

const std::vector<KeyUse>& all_key_uses();

// Whether the request got as far as the key's secret: it succeeded, or what was to be verified was
// found wrong.
bool was_permitted(const ClientResult<>& result);

}  // namespace strongroom::conformance
