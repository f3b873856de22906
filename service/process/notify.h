// Tells the service manager how far we are (sd_notify(3)). Nothing happens where there is none.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace strongroom {

// `status` is one line for people. A message that cannot be sent is a warning in the log. Ready
// says also that a reload is over, whatever came of it.
void notify_ready(std::string_view status);
void notify_reloading(std::string_view status);
void notify_stopping(std::string_view status);
void notify_status(std::string_view status);

// Within which time the service manager wants to hear that we live, else it ends us; empty where it
// does not care.
std::optional<std::chrono::microseconds> watchdog_patience();
void notify_alive(std::string_view status);

}  // namespace strongroom
