// What the exit status of `strongroom` tells a script.
#pragma once

#include <cstdint>

#include "strongroom/client_error.h"

namespace strongroom::cli {

enum class ExitCode : std::uint8_t {
  Ok = 0,
  Other = 1,
  Usage = 2,
  CannotConnect = 3,
  NotPermitted = 4,
  DoesNotExist = 5,
  Exists = 6,
  BadSignature = 7,  // or tag
  NotSupported = 8,
  InvalidData = 9,
  ServiceFailure = 10,  // or a device's
  Degraded = 11,
};

ExitCode exit_code_of(Status status) noexcept;
ExitCode exit_code_of(const ClientError& error) noexcept;

}  // namespace strongroom::cli
