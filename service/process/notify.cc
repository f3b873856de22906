#include "service/process/notify.h"

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include "base/errno_text.h"
#include "base/log.h"

namespace strongroom {
namespace {

void notify(std::string_view state, std::string_view status) {
  const std::string message = fmt::format("{}\nSTATUS={}", state, status);
  if (const int code = sd_notify(0, message.c_str()); code < 0)
    log::warning("process", "sd_notify: {}", errno_text(-code));
}

}  // namespace

void notify_ready(std::string_view status) {
  notify("READY=1", status);
}

void notify_stopping(std::string_view status) {
  notify("STOPPING=1", status);
}

}  // namespace strongroom
