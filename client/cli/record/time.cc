#include "client/cli/record/time.h"

#include <array>
#include <string_view>

#include <fmt/format.h>

namespace strongroom::cli {

std::string timestamp(std::chrono::sys_seconds time) {
  auto day = std::chrono::floor<std::chrono::days>(time);
  std::chrono::year_month_day date(day);
  std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string duration_text(std::chrono::seconds span) {
  struct Unit {
    std::chrono::seconds::rep seconds;
    std::string_view name;
  };
  constexpr std::array kUnits = {Unit{86400, "d"}, Unit{3600, "h"}, Unit{60, "min"}, Unit{1, "s"}};
  auto left = span.count();
  for (std::size_t i = 0; i + 1 < kUnits.size(); ++i) {
    if (left < kUnits[i].seconds) continue;
    const Unit& next = kUnits[i + 1];
    return fmt::format("{} {} {} {}", left / kUnits[i].seconds, kUnits[i].name,
                       left % kUnits[i].seconds / next.seconds, next.name);
  }
  return fmt::format("{} s", left);
}

}  // namespace strongroom::cli
