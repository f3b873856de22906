// What separates two configurations, key by key.
#pragma once

#include <string>
#include <vector>

#include "config/settings.h"

namespace strongroom::config {

struct Changes {
  // In the order of the shipped file: "[limits] connections", "[[socket]] '/run/a.sock' mode",
  // "[[provider]] 'software' removed", "order of [[provider]]".
  std::vector<std::string> made;
  // Those of them that a running daemon cannot take on.
  std::vector<std::string> need_restart;

  bool operator==(const Changes&) const = default;
};

Changes changes_between(const Settings& running, const Settings& wanted);

}  // namespace strongroom::config
