#include "service/process/notify.h"

#include <cstdint>
#include <cstdlib>
#include <ctime>

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include "base/errno_text.h"
#include "base/log.h"

namespace strongroom {
namespace {

void send(const std::string& message) {
  if (const int code = sd_notify(0, message.c_str()); code < 0)
    log::warning("process", "sd_notify: {}", errno_text(-code));
}

void notify(std::string_view state, std::string_view status) {
  send(fmt::format("{}\nSTATUS={}", state, status));
}

}  // namespace

void notify_ready(std::string_view status) {
  notify("READY=1", status);
}

// The time tells the manager which of its requests to reload this answers (systemd.service(5),
// Type=notify-reload): the clock's, in microseconds.
void notify_reloading(std::string_view status) {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  constexpr std::int64_t kMicroseconds = 1'000'000;
  const std::int64_t time = now.tv_sec * kMicroseconds + now.tv_nsec / 1000;
  notify(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", time), status);
}

void notify_stopping(std::string_view status) {
  notify("STOPPING=1", status);
}

void notify_status(std::string_view status) {
  send(fmt::format("STATUS={}", status));
}

std::optional<std::chrono::microseconds> watchdog_patience() {
  std::uint64_t microseconds = 0;
  if (sd_watchdog_enabled(0, &microseconds) <= 0) return std::nullopt;
  return std::chrono::microseconds(microseconds);
}

void notify_alive(std::string_view status) {
  notify("WATCHDOG=1", status);
}

}  // namespace strongroom
