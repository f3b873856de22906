#include "client/cli/terminal/progress.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "client/cli/command.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 500ms;  // what takes less needs no bar
constexpr auto kFrame = 100ms;
constexpr std::size_t kUsualColumns = 80;
constexpr std::size_t kLongestBar = 40;
constexpr std::string_view kErase = "\r\x1b[K";  // ECMA-48 §8.3.41

}  // namespace

std::string byte_count(std::uint64_t bytes) {
  constexpr std::array kUnits = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  if (bytes < 1000) return fmt::format("{} B", bytes);
  auto count = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; count >= 999.95 && unit + 1 < kUnits.size(); ++unit)
    count /= 1000;
  return fmt::format("{:.1f} {}", count, kUnits.at(unit));
}

ProgressBar::ProgressBar(const Streams& streams, std::optional<std::uint64_t> total)
    : err_(streams.shows_progress ? &streams.err : nullptr),
      columns_(streams.columns == 0 ? kUsualColumns : streams.columns),
      total_(total),
      next_(began_ + kPatience) {}

ProgressBar::~ProgressBar() {
  if (is_drawn_) *err_ << kErase << std::flush;
}

void ProgressBar::advance(std::uint64_t bytes) {
  done_ += bytes;
  if (err_ == nullptr || Clock::now() < next_) return;
  next_ = Clock::now() + kFrame;
  draw();
}

void ProgressBar::draw() {
  is_drawn_ = true;
  std::chrono::duration<double> elapsed = Clock::now() - began_;
  auto speed = static_cast<std::uint64_t>(static_cast<double>(done_) / elapsed.count());
  std::string figures = fmt::format("{}  {}/s", byte_count(done_), byte_count(speed));
  if (total_ && *total_ != 0) {
    double share = std::min(1.0, static_cast<double>(done_) / static_cast<double>(*total_));
    std::size_t room = columns_ - std::min(columns_, figures.size() + 10);
    std::size_t length = std::min(room, kLongestBar);
    auto filled = static_cast<std::size_t>(share * static_cast<double>(length));
    figures = fmt::format("[{:#<{}}{:<{}}] {:3.0f} %  {}", "", filled, "", length - filled,
                          100 * share, figures);
  }
  *err_ << kErase << cut_to_width(figures, columns_ - 1) << std::flush;
}

Spinner::Spinner(const Streams& streams, std::string doing)
    : err_(streams.err), doing_(std::move(doing)) {
  if (streams.shows_progress)
    thread_ = std::jthread([this](const std::stop_token& stop) { turn(stop); });
}

Spinner::~Spinner() {
  thread_.request_stop();
}

void Spinner::turn(const std::stop_token& stop) {
  constexpr std::array kFaces = {'|', '/', '-', '\\'};
  auto began = std::chrono::steady_clock::now();
  auto waits = [&](auto time) {
    std::unique_lock lock(mutex_);
    return !stopped_.wait_for(lock, stop, time, [&stop] { return stop.stop_requested(); });
  };
  if (!waits(kPatience)) return;
  for (std::size_t face = 0; face == 0 || waits(kFrame); ++face) {
    std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - began;
    err_ << kErase << kFaces.at(face % kFaces.size()) << ' '
         << fmt::format("{} … {:.0f} s", doing_, elapsed.count()) << std::flush;
  }
  err_ << kErase << std::flush;
}

}  // namespace strongroom::cli
