// What the exit status of `strongroom` tells a script.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

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

// As help and manual show it.
struct ExitCodeMeaning {
  ExitCode code;
  std::string_view meaning;
};
inline constexpr std::array kExitCodes = {
    ExitCodeMeaning{ExitCode::Ok, "ok"},
    ExitCodeMeaning{ExitCode::Other, "other failure"},
    ExitCodeMeaning{ExitCode::Usage, "wrong usage"},
    ExitCodeMeaning{ExitCode::CannotConnect, "cannot connect"},
    ExitCodeMeaning{ExitCode::NotPermitted, "not permitted"},
    ExitCodeMeaning{ExitCode::DoesNotExist, "does not exist"},
    ExitCodeMeaning{ExitCode::Exists, "exists already"},
    ExitCodeMeaning{ExitCode::BadSignature, "bad signature or tag"},
    ExitCodeMeaning{ExitCode::NotSupported, "not supported"},
    ExitCodeMeaning{ExitCode::InvalidData, "invalid data"},
    ExitCodeMeaning{ExitCode::ServiceFailure, "service or device failure"},
    ExitCodeMeaning{ExitCode::Degraded, "the service is degraded"},
};

ExitCode exit_code_of(Status status) noexcept;
ExitCode exit_code_of(const ClientError& error) noexcept;

}  // namespace strongroom::cli
