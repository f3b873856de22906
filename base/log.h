// The daemon's log: one line an event, to standard error, each naming its component. Thread-safe.
// Only the daemon links this part of base; the client library does not log.
#pragma once

#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace strongroom::log {

// Error: an operator must act. Warning: degraded. Info: start, stop, administration. Debug: each
// request. Trace: device commands and record reads.
enum class Level { Trace, Debug, Info, Warning, Error, Off };

void set_level(Level level);
bool is_enabled(Level level) noexcept;

// Prefer the functions below, which format only what will be written.
void write(Level level, std::string_view component, std::string_view text);

template <typename... Args>
void line(Level level, std::string_view component, fmt::format_string<Args...> format,
          Args&&... args) {
  if (is_enabled(level)) write(level, component, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void error(std::string_view component, fmt::format_string<Args...> format, Args&&... args) {
  line(Level::Error, component, format, std::forward<Args>(args)...);
}
template <typename... Args>
void warning(std::string_view component, fmt::format_string<Args...> format, Args&&... args) {
  line(Level::Warning, component, format, std::forward<Args>(args)...);
}
template <typename... Args>
void info(std::string_view component, fmt::format_string<Args...> format, Args&&... args) {
  line(Level::Info, component, format, std::forward<Args>(args)...);
}
template <typename... Args>
void debug(std::string_view component, fmt::format_string<Args...> format, Args&&... args) {
  line(Level::Debug, component, format, std::forward<Args>(args)...);
}

}  // namespace strongroom::log
