// What a load saw: how often which outcome, and how long answers took.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace strongroom::bench {

using Clock = std::chrono::steady_clock;

// Times of answers to one kind of request, each kept: quantiles are exact.
class Latencies {
 public:
  void add(Clock::duration taken) { nanoseconds_.push_back(taken.count()); }
  // {"count": …, "p50": …, "p90": …, "p99": …, "p999": …, "max": …, "curve": [[quantile, µs], …]}
  std::string json();

 private:
  double quantile(double part) const;  // µs; of sorted times

  std::vector<std::int64_t> nanoseconds_;
};

struct Tally {
  std::uint64_t answered = 0;  // warming up included
  std::uint64_t measured = 0;  // without it
  std::map<std::uint16_t, std::uint64_t> statuses;
  std::uint64_t wrong = 0;  // answers that are not what was asked: session, opcode, length
  std::uint64_t lost = 0;   // requests whose connection ended before their answer
  std::uint64_t unconnected = 0;
  std::uint64_t unanswered = 0;  // at the end, after all patience
  bool is_kept = true;           // false: the server ends connections that asked to be kept
  std::map<std::string, Latencies, std::less<>> latencies;  // by the task's name

  std::string json(double measured_seconds, std::string_view checks);
};

}  // namespace strongroom::bench
