// What settings name on this machine: whether it is there, and what it is said to be.
#pragma once

#include <string>

#include "config/checks.h"
#include "config/problem.h"
#include "config/settings.h"

namespace strongroom::config {

// As far as this process can see, without running anything and without reading a secret; `file` is
// what a problem without a place is charged to. What only another user may look at is taken as it
// is.
Problems problems_of_surroundings(const Settings& settings, const Places& places,
                                  const std::string& file);

}  // namespace strongroom::config
