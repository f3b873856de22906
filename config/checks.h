// What must hold between several settings, once each is right by itself.
#pragma once

#include <map>
#include <string>

#include "config/problem.h"
#include "config/settings.h"

namespace strongroom::config {

// Where each value stands in the file: "limits.connections", "socket[1].path", "auth.order[0]". A
// value that the file does not give has no place.
using Places = std::map<std::string, Position, std::less<>>;

void check(const Settings& settings, const std::string& file, const Places& places,
           Problems& problems);

}  // namespace strongroom::config
