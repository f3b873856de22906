// A machine with a few known users and groups.
#pragma once

#include <map>

#include "config/accounts.h"

namespace strongroom::config {

inline Accounts fake_accounts() {
  const auto look_up = [](const std::map<std::string, unsigned>& names) {
    return [names](const std::string& name) -> std::optional<unsigned> {
      if (const auto found = names.find(name); found != names.end()) return found->second;
      return std::nullopt;
    };
  };
  return {.uid_of = look_up({{"0", 0}, {"1000", 1000}, {"alice", 1001}}),
          .gid_of = look_up({{"20", 20},
                             {"strongroom-clients", 500},
                             {"strongroom-admin", 501},
                             {"operators", 502}})};
}

}  // namespace strongroom::config
