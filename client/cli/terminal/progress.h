// What people see while something takes long: on standard error, and gone when it is over.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <ostream>
#include <stop_token>
#include <string>
#include <thread>

namespace strongroom::cli {

struct Streams;

// A bar for bytes that are read. Shows nothing in the first moments, and nothing at all where the
// streams' owner does not want it. One thread.
class ProgressBar {
 public:
  // `total` is nullopt when nobody knows.
  ProgressBar(const Streams& streams, std::optional<std::uint64_t> total);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void advance(std::uint64_t bytes);

 private:
  using Clock = std::chrono::steady_clock;
  void draw();

  std::ostream* err_;  // nullptr: nothing is shown
  const std::size_t columns_;
  const std::optional<std::uint64_t> total_;
  std::uint64_t done_ = 0;
  const Clock::time_point began_ = Clock::now();
  Clock::time_point next_;
  bool is_drawn_ = false;
};

// Turns while a call blocks, with the time that has passed. A thread of its own draws it, which
// alone uses the stream until the end.
class Spinner {
 public:
  Spinner(const Streams& streams, std::string doing);
  ~Spinner();
  Spinner(const Spinner&) = delete;
  Spinner& operator=(const Spinner&) = delete;

 private:
  void turn(const std::stop_token& stop);

  std::ostream& err_;
  const std::string doing_;
  std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::jthread thread_;
};

// 1234567 → "1.2 MB".
std::string byte_count(std::uint64_t bytes);

}  // namespace strongroom::cli
