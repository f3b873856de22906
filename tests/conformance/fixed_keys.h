// Key data that is the same in every run, for every key type and size that has any.
#pragma once

#include "base/bytes.h"
#include "base/psa.h"

namespace strongroom::conformance {

// Empty for what there is no curve or group of, and for RSA of unusual sizes.
Bytes fixed_key(const psa::KeyType& type, std::uint32_t bits);

// 1, 2, 3 …: a key whose halves differ, as XTS wants it.
Bytes counting(std::size_t size);

}  // namespace strongroom::conformance
