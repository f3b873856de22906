// The messages of operations on a key.
#pragma once

#include <string_view>
#include <type_traits>

#include "base/error.h"
#include "client/requests/encoding.h"
#include "protocol/psa_codec.h"

namespace strongroom::requests {

// On one that is there: its name; with the algorithm to use it with.
template <typename Operation>
ClientResult<Operation> about_key(std::string_view name) {
  auto checked_name = TRY(key_name(name));
  Operation operation;
  operation.set_key_name(std::move(checked_name));
  return operation;
}

template <typename Operation, typename Algorithm>
ClientResult<Operation> use_of_key(std::string_view name, const Algorithm& algorithm) {
  auto operation = TRY(about_key<Operation>(name));
  if constexpr (std::is_enum_v<Algorithm>)
    operation.set_alg(encode(algorithm));
  else
    *operation.mutable_alg() = encode(algorithm);
  return operation;
}

// And on one that is to be.
template <typename Operation>
ClientResult<Operation> new_key(std::string_view name, const psa::KeyAttributes& attributes) {
  auto operation = TRY(about_key<Operation>(name));
  *operation.mutable_attributes() = encode(attributes);
  return operation;
}

}  // namespace strongroom::requests
