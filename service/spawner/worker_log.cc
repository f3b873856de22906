#include "service/spawner/worker_log.h"

#include <array>
#include <cerrno>
#include <unistd.h>

#include "base/bytes.h"
#include "base/log.h"

namespace strongroom::spawner {
namespace {

constexpr std::size_t kAtOnce = 4096;
// Of a worker that has ended: more than a pipe holds.
constexpr int kMostReads = 64;

struct Said {
  log::Level level;
  std::string_view text;
};

// The worker's own part of the service writes lines as the daemon does ("… warning
// component=pkcs11 …"); modules write what they like.
Said understood(std::string_view line) {
  constexpr std::string_view kComponent = " component=";
  constexpr std::pair<std::string_view, log::Level> kLevels[] = {
      {"debug", log::Level::Debug},
      {"info", log::Level::Info},
      {"warning", log::Level::Warning},
      {"error", log::Level::Error},
  };
  const auto at = line.find(kComponent);
  const auto end = at == line.npos ? at : line.find(' ', at + kComponent.size());
  if (end == line.npos) return {log::Level::Info, line};
  const auto before = line.substr(0, at);
  const auto text = line.substr(end + 1);
  for (const auto& [name, level] : kLevels)
    if (before.ends_with(name)) return {level, text};
  return {log::Level::Info, line};
}

}  // namespace

void WorkerLog::read() {
  std::array<char, kAtOnce> part{};
  const ssize_t size = ::read(pipe_.get(), part.data(), part.size());
  if (size > 0) return take({part.data(), static_cast<std::size_t>(size)});
  if (size == 0 || (errno != EAGAIN && errno != EINTR)) pipe_.reset();
}

void WorkerLog::finish() {
  for (int i = 0; pipe_ && i < kMostReads; ++i) {
    std::array<char, kAtOnce> part{};
    const ssize_t size = ::read(pipe_.get(), part.data(), part.size());
    if (size <= 0) break;
    take({part.data(), static_cast<std::size_t>(size)});
  }
  pipe_.reset();
  if (!line_.empty()) end_line();
  tell_of_left_out();
}

void WorkerLog::take(std::string_view text) {
  for (const char letter : text)
    if (letter == '\n')
      end_line();
    else if (line_.size() < kMostOfLine)
      line_ += letter;
}

void WorkerLog::end_line() {
  if (!line_.empty() && may_say()) {
    const Said said = understood(line_);
    log::line(said.level, "token-worker", "worker {} says: {}", worker_,
              escaped(said.text, kMostOfLine));
  }
  line_.clear();
}

bool WorkerLog::may_say() {
  const auto now = Clock::now();
  if (now - begun_ >= kTime) {
    tell_of_left_out();
    begun_ = now;
    lines_ = 0;
  }
  if (++lines_ <= kMostLines) return true;
  ++left_out_;
  return false;
}

void WorkerLog::tell_of_left_out() {
  if (left_out_ == 0) return;
  log::warning("token-worker", "worker {}: {} lines were left out", worker_, left_out_);
  left_out_ = 0;
}

}  // namespace strongroom::spawner
