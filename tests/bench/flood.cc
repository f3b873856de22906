// What hostile or broken neighbours do to a socket, none of which is a request that gets its
// answer: those are load's.
//
//   flood --socket PATH --connections N [--task NAME] [--send BYTES] [--drip-every MS]
//         [--then hold|hang-up] [--rate R]
//
// Opens connections until N are there, sends the first BYTES of a request on each, then a byte
// every so many milliseconds, and holds them; one that the service ends is opened anew. Or hangs up
// at once and opens the next. At most R connections a second are opened. At SIGTERM prints
// {"opened": …, "refused": …, "ended": …}: connections opened, connects that failed, and
// connections that the service ended.

#include <algorithm>
#include <array>
#include <csignal>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <vector>

#include <fmt/format.h>

#include "tests/bench/load_client.h"
#include "tests/bench/options.h"

namespace strongroom::bench {
namespace {

constexpr auto kLong = std::chrono::milliseconds(20);

volatile std::sig_atomic_t is_told_to_stop = 0;

// The whole frame of a request, its name of a key unique for each number.
Bytes frame_of(const Task& task, std::uint64_t number) {
  HeaderBytes header = encode(header_of(task, 0, 0));
  auto rest = body_and_auth(task, number);
  Bytes frame(header.begin(), header.end());
  frame.insert(frame.end(), rest->begin(), rest->end());
  return frame;
}

class Flood {
 public:
  explicit Flood(const Options& options)
      : socket_(options.text("socket")),
        task_(task_named(options.text("task", "ping"))),
        sent_(options.count("send", SIZE_MAX)),
        drip_every_(std::chrono::milliseconds(options.count("drip-every", 0))),
        hangs_up_(options.text("then", "hold") == "hang-up"),
        interval_(static_cast<std::int64_t>(1e9 / options.number("rate", 1e6))),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        held_(hangs_up_ ? 1 : options.count("connections", 1)) {}

  void run() {
    due_ = next_drip_ = Clock::now();
    while (is_told_to_stop == 0) {
      Clock::time_point now = Clock::now();
      open_what_is_due(now);
      if (drip_every_.count() > 0 && now >= next_drip_) drip(now);
      wait();
    }
    fmt::print("{{\"opened\": {}, \"refused\": {}, \"ended\": {}}}\n", opened_, refused_, ended_);
  }

 private:
  void open_what_is_due(Clock::time_point now) {
    // What could not be opened in time is not made up for.
    due_ = std::max(due_, now - std::chrono::milliseconds(100));
    for (UniqueFd& connection : held_)
      while (!connection && due_ <= now && is_told_to_stop == 0) {
        due_ += interval_;
        open(connection);
      }
    is_complete_ = std::ranges::all_of(held_, [](const UniqueFd& held) { return bool(held); });
  }

  void open(UniqueFd& connection) {
    connection = connect_to(socket_);
    if (!connection) {
      ++refused_;
      return;
    }
    ++opened_;
    if (frame_.empty() || task_.makes_key) frame_ = frame_of(task_, opened_);
    if (sent_ > 0)
      ::send(connection.get(), frame_.data(), std::min(sent_, frame_.size()), MSG_NOSIGNAL);
    if (hangs_up_) return connection.reset();
    epoll_event event{.events = EPOLLIN, .data = {.ptr = &connection}};
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection.get(), &event);
  }

  void drip(Clock::time_point now) {
    next_drip_ = now + drip_every_;
    for (const UniqueFd& connection : held_)
      if (connection) ::send(connection.get(), frame_.data() + kHeaderSize, 1, MSG_NOSIGNAL);
  }

  // Whatever the service says, the connection is over.
  void wait() {
    Clock::time_point until = is_complete_ ? Clock::now() + kLong : due_;
    if (drip_every_.count() > 0) until = std::min(until, next_drip_);
    auto left =
        std::clamp<Clock::duration>(until - Clock::now(), std::chrono::microseconds(0), kLong);
    timespec timeout{.tv_sec = 0, .tv_nsec = left.count()};
    std::array<epoll_event, 64> events;
    int ready = ::epoll_pwait2(epoll_.get(), events.data(), events.size(), &timeout, nullptr);
    for (int i = 0; i < ready; ++i) {
      static_cast<UniqueFd*>(events[static_cast<std::size_t>(i)].data.ptr)->reset();
      ++ended_;
    }
  }

  std::string socket_;
  Task task_;
  std::size_t sent_;
  std::chrono::milliseconds drip_every_;
  bool hangs_up_;
  Clock::duration interval_;
  UniqueFd epoll_;
  std::vector<UniqueFd> held_;  // empty: to be opened
  bool is_complete_ = false;
  Bytes frame_;
  Clock::time_point due_;  // when the next connection may be opened
  Clock::time_point next_drip_;
  std::uint64_t opened_ = 0, refused_ = 0, ended_ = 0;
};

void run(int argc, char** argv) {
  Options options(argc, argv,
                  {"socket", "connections", "task", "send", "drip-every", "then", "rate"});
  ::prctl(PR_SET_TIMERSLACK, 1);
  std::signal(SIGTERM, [](int) { is_told_to_stop = 1; });
  Flood(options).run();
}

}  // namespace
}  // namespace strongroom::bench

int main(int argc, char** argv) {
  strongroom::bench::run(argc, argv);
}
