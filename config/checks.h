// What must hold between several settings, once each is right by itself.
#pragma once

#include <map>
#include <string>

#include "config/problem.h"
#include "config/settings.h"

namespace strongroom::config {

struct Place {
  std::string file;
  Position where;
};

// Where each value stands: "limits.connections", "socket[1].path", "auth.order[0]". A value that no
// file gives has no place.
using Places = std::map<std::string, Place, std::less<>>;

// `file` is what a problem without a place is charged to.
void check(const Settings& settings, const std::string& file, const Places& places,
           Problems& problems);

}  // namespace strongroom::config
