// What the operations with a key and an algorithm have in common once their body is decoded.
#pragma once

#include <string_view>
#include <tuple>
#include <utility>

#include "base/log.h"
#include "service/dispatch/handlers/message.h"
#include "service/policy/policy.h"

namespace strongroom {

template <typename Facet, typename Algorithm>
struct Use {
  Facet* facet;
  KeyRecordPtr key;
  Algorithm algorithm;
};

// Fails in the order of the contract: identity, facet, key, policy. `served` is facet()'s answer.
template <typename Facet, typename Algorithm>
Result<Use<Facet, Algorithm>> use_of_key(Planning& planning, Result<Facet*> served,
                                         std::string_view key_name, policy::Usage usage,
                                         const Algorithm& algorithm) {
  std::ignore = TRY(planning.application());
  Facet* facet = TRY(std::move(served));
  KeyRecordPtr key = TRY(planning.key(key_name));
  TRY(in_context(policy::check_use(key->attributes, usage, algorithm), "using key '{}'",
                 escaped(key->id.name)));
  return Use<Facet, Algorithm>{.facet = facet, .key = std::move(key), .algorithm = algorithm};
}

}  // namespace strongroom
