// Short names of the key types that people use most, each with its size: "ecc-p256".
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/psa.h"

namespace strongroom::psa {

struct TypeAndSize {
  KeyType type;
  std::uint32_t bits;
};

std::span<const std::pair<std::string_view, TypeAndSize>> short_names() noexcept;

// to_string() of a type and size that have none.
std::string short_name(const KeyType& type, std::uint32_t bits);

}  // namespace strongroom::psa
