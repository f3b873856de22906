// Points in time and spans for people and programs.
#pragma once

#include <chrono>
#include <string>

namespace strongroom::cli {

// "2026-02-28T13:05:00Z" (RFC 3339), in UTC whatever the clock on the wall says.
std::string timestamp(std::chrono::sys_seconds time);

// "3 d 4 h", "12 min 5 s": its two largest units.
std::string duration_text(std::chrono::seconds span);

}  // namespace strongroom::cli
