// What names of users and groups stand for on this machine.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <sys/types.h>

namespace strongroom::config {

// Both give nullopt for a name that stands for nobody. Tests put others in the system's place.
struct Accounts {
  std::function<std::optional<uid_t>(const std::string&)> uid_of;
  std::function<std::optional<gid_t>(const std::string&)> gid_of;
};

// getpwnam(3) and getgrnam(3); a decimal number that is nobody's name stands for itself.
Accounts system_accounts();

}  // namespace strongroom::config
