// Tells the service manager how far we are (sd_notify(3)). Nothing happens where there is none.
#pragma once

#include <string_view>

namespace strongroom {

// `status` is one line for people. A message that cannot be sent is a warning in the log. Ready
// says also that a reload is over, whatever came of it.
void notify_ready(std::string_view status);
void notify_reloading(std::string_view status);
void notify_stopping(std::string_view status);

}  // namespace strongroom
