// All that there is of something is in use: the token may be as well as ever.
#pragma once

#include <chrono>
#include <string_view>

#include <fmt/format.h>

#include "base/error.h"

namespace strongroom::pkcs11 {

// Of a status that says nothing of the device, as for CKR_SESSION_COUNT.
inline std::unexpected<Error> all_are_busy(std::string_view what,
                                           std::chrono::milliseconds patience) {
  return fail(Status::PsaErrorInsufficientMemory,
              fmt::format("no {} became free within {} ms", what, patience.count()));
}

}  // namespace strongroom::pkcs11
