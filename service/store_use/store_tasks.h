// What strongroomd does to a store that is not served, and tells of it.
#pragma once

#include "config/settings.h"
#include "service/process/arguments.h"

namespace strongroom {

// Whether the task of `arguments` is one of these.
bool is_store_task(Arguments::Task task) noexcept;

// Hardens the process first; as root, it becomes the owner of the store before that.
Result<ExitCode> perform_store_task(const config::Settings& settings, const Arguments& arguments);

}  // namespace strongroom
