// Why a user may not open a socket, and what would change that.
#pragma once

#include <string>
#include <string_view>

namespace strongroom::cli {

// Unless the service is configured otherwise.
inline constexpr std::string_view kAdminSocket = "/run/strongroom/admin.sock";

// Of a socket that may not be connected to: its mode and group, the user's groups, and the command
// that brings the two together.
std::string access_advice(const std::string& socket_path);

// Of one that was connected to, and does not serve this user's administration.
std::string admin_advice(const std::string& socket_path);

}  // namespace strongroom::cli
