#include "tests/bench/tally.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace strongroom::bench {
namespace {

constexpr int kTenthsOfDecades = 50;

// From the quickest outwards, each decade of what lies beyond it in steps that a plot shows evenly.
std::vector<double> parts_of_curve() {
  std::vector<double> parts;
  parts.reserve(kTenthsOfDecades + 1);
  for (int tenths = 0; tenths <= kTenthsOfDecades; ++tenths)
    parts.push_back(1.0 - std::pow(10.0, -tenths / 10.0));
  return parts;
}

}  // namespace

double Latencies::quantile(double part) const {
  auto last = static_cast<double>(nanoseconds_.size() - 1);
  auto index = static_cast<std::size_t>(std::ceil(part * last));
  return static_cast<double>(nanoseconds_[index]) / 1000;
}

std::string Latencies::json() {
  std::ranges::sort(nanoseconds_);
  if (nanoseconds_.empty()) return R"({"count": 0})";
  std::vector<std::string> curve;
  for (double part : parts_of_curve())
    curve.push_back(fmt::format("[{:.6f}, {:.2f}]", part, quantile(part)));
  return fmt::format(
      R"({{"count": {}, "p50": {:.2f}, "p90": {:.2f}, "p99": {:.2f}, "p999": {:.2f}, )"
      R"("max": {:.2f}, "curve": [{}]}})",
      nanoseconds_.size(), quantile(0.5), quantile(0.9), quantile(0.99), quantile(0.999),
      quantile(1), fmt::join(curve, ", "));
}

std::string Tally::json(double measured_seconds, std::string_view checks) {
  std::vector<std::string> counts;
  counts.reserve(statuses.size());
  for (auto [status, count] : statuses)
    counts.push_back(fmt::format(R"("{}": {})", status, count));
  std::vector<std::string> times;
  times.reserve(latencies.size());
  for (auto& [task, latency] : latencies)
    times.push_back(fmt::format(R"("{}": {})", task, latency.json()));
  return fmt::format(
      R"({{"seconds": {:.6f}, "answered": {}, "measured": {}, "rate": {:.1f}, "kept": {}, )"
      R"("statuses": {{{}}}, "wrong": {}, "lost": {}, "unconnected": {}, "unanswered": {}, )"
      R"("checks": {}, "latency": {{{}}}}})",
      measured_seconds, answered, measured, static_cast<double>(measured) / measured_seconds,
      is_kept, fmt::join(counts, ", "), wrong, lost, unconnected, unanswered, checks,
      fmt::join(times, ", "));
}

}  // namespace strongroom::bench
