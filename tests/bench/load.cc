// Loads a service, or the echo server in its place, and tells in JSON what came of it.
//
//   load --socket PATH --mode kept|connecting --mix NAME[:WEIGHT],… [--clients N] [--depth D]
//        [--rate R] [--seconds S] [--warm-up S] [--count N] [--patience S] [--target floor|service]
//   load --socket PATH --mode prepare[-tpm|-token]     makes the keys that the operations need
//
// Without a rate the loop is closed: each answer is followed by the next request. With one,
// requests are due at fixed times, R a second over all clients, and times are counted from when a
// request was due: a service that stalls is charged for all that waited, not for one request.
// Exit code 3: the service ends connections that asked to be kept. SIGTERM ends the load early.

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <vector>

#include <fmt/format.h>

#include "tests/bench/load_client.h"
#include "tests/bench/one_request.h"
#include "tests/bench/options.h"
#include "tests/bench/spot_checks.h"

namespace strongroom::bench {
namespace {

volatile std::sig_atomic_t is_told_to_stop = 0;

std::chrono::nanoseconds seconds(double number) {
  return std::chrono::nanoseconds(static_cast<std::int64_t>(number * 1e9));
}

// Tasks in turn, each as often as its weight says.
class Mix {
 public:
  explicit Mix(std::string_view words) {
    while (!words.empty()) {
      std::size_t end = std::min(words.find(','), words.size());
      add(words.substr(0, end));
      words.remove_prefix(std::min(end + 1, words.size()));
    }
    if (turns_.empty()) die(2, "the mix is empty");
  }

  const Task& next() { return tasks_[turns_[number_++ % turns_.size()]]; }
  // What follows the header of that task's next request.
  std::shared_ptr<const Bytes> rest_of(const Task& task) {
    if (task.makes_key) return body_and_auth(task, number_);
    return rests_[static_cast<std::size_t>(&task - tasks_.data())];
  }

 private:
  void add(std::string_view word) {
    std::size_t colon = std::min(word.find(':'), word.size());
    std::size_t weight = 1;
    if (colon < word.size())
      std::from_chars(word.data() + colon + 1, word.data() + word.size(), weight);
    tasks_.push_back(task_named(word.substr(0, colon)));
    rests_.push_back(body_and_auth(tasks_.back(), 0));
    turns_.insert(turns_.end(), weight, tasks_.size() - 1);
  }

  std::vector<Task> tasks_;
  std::vector<std::shared_ptr<const Bytes>> rests_;
  std::vector<std::size_t> turns_;
  std::uint64_t number_ = 0;
};

class Load {
 public:
  explicit Load(const Options& options)
      : socket_(options.text("socket")),
        is_floor_(options.text("target", "service") == "floor"),
        mix_(options.text("mix")),
        count_(options.count("count", SIZE_MAX)),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        interval_(options.has("rate") ? seconds(1 / options.number("rate", 1)) : seconds(0)),
        begin_(Clock::now()),
        measured_from_(begin_ + seconds(options.number("warm-up", 0))),
        end_(measured_from_ + seconds(options.number("seconds", 1))),
        patience_(seconds(options.number("patience", 10))) {
    ground_.socket = socket_;
    ground_.mode = options.text("mode") == "kept" ? Mode::Kept : Mode::Connecting;
    ground_.depth = ground_.mode == Mode::Kept ? options.count("depth", 1) : 1;
    ground_.epoll = epoll_.get();
    ground_.answered = [this](const Task& task, Clock::time_point intended, ByteView body) {
      count_answer(task, intended, body);
    };
    // The kernel is told their addresses.
    clients_.reserve(options.count("clients", 1));
    while (clients_.size() < clients_.capacity())
      clients_.emplace_back(ground_);
  }

  int run() {
    while (!is_over()) {
      start_requests();
      wait(next_due());
    }
    measured_to_ = std::min(Clock::now(), end_);
    for (Clock::time_point last = Clock::now() + patience_; in_flight() > 0 && may_go_on(last);)
      wait(last);
    ground_.tally.unanswered = in_flight();
    std::string checks = is_floor_ || is_told_to_stop != 0 ? "{}" : checks_.run(socket_);
    double measured = std::chrono::duration<double>(measured_to_ - measured_from_).count();
    fmt::print("{}\n", ground_.tally.json(std::max(measured, 1e-6), checks));
    if (!ground_.tally.is_kept) die(3, "the service ends connections that asked to be kept");
    return 0;
  }

 private:
  bool may_go_on(Clock::time_point until) const {
    return is_told_to_stop == 0 && ground_.tally.is_kept && Clock::now() < until;
  }
  bool is_over() const { return started_ >= count_ || !may_go_on(end_); }

  std::uint64_t in_flight() const {
    std::uint64_t sum = 0;
    for (const LoadClient& client : clients_)
      sum += client.in_flight();
    return sum;
  }

  Clock::time_point due() const { return begin_ + interval_ * static_cast<int>(started_); }

  void start_requests() {
    if (interval_.count() > 0) return start_due_requests();
    for (LoadClient& client : clients_) {
      while (client.has_room() && started_ < count_)
        if (!start(client, Clock::now())) break;
      client.send();
    }
  }

  // Those of an open loop go to the clients in turn; when none has room they stay due.
  void start_due_requests() {
    for (std::size_t tried = 0; tried < clients_.size() && started_ < count_;) {
      Clock::time_point intended = due();
      if (intended > Clock::now()) return;
      LoadClient& client = clients_[turn_++ % clients_.size()];
      if (client.has_room() && start(client, intended)) {
        client.send();
        tried = 0;
      } else {
        ++tried;
      }
    }
  }

  bool start(LoadClient& client, Clock::time_point intended) {
    const Task& task = mix_.next();
    if (!client.start(task, mix_.rest_of(task), intended)) return false;
    ++started_;
    return true;
  }

  Clock::time_point next_due() const {
    // A client that could not connect tries again then.
    constexpr auto kRetry = std::chrono::milliseconds(5);
    Clock::time_point now = Clock::now();
    if (interval_.count() == 0) return std::min(end_, now + kRetry);
    return std::min(end_, due() > now ? due() : now + kRetry);
  }

  void wait(Clock::time_point until) {
    auto left = std::max(until - Clock::now(), Clock::duration(0));
    timespec timeout{.tv_sec = left.count() / 1'000'000'000,
                     .tv_nsec = left.count() % 1'000'000'000};
    std::array<epoll_event, 64> events;
    int ready = ::epoll_pwait2(epoll_.get(), events.data(), events.size(), &timeout, nullptr);
    for (int i = 0; i < ready; ++i)
      static_cast<LoadClient*>(events[static_cast<std::size_t>(i)].data.ptr)
          ->on_ready(events[static_cast<std::size_t>(i)].events);
  }

  void count_answer(const Task& task, Clock::time_point intended, ByteView body) {
    Clock::time_point now = Clock::now();
    if (now < measured_from_ || now > end_) return;
    ++ground_.tally.measured;
    ground_.tally.latencies[task.name].add(now - intended);
    if (!is_floor_) checks_.consider(task, body);
  }

  std::string socket_;
  bool is_floor_;
  Mix mix_;
  std::uint64_t count_;
  UniqueFd epoll_;
  Clock::duration interval_;  // 0: closed loop
  Clock::time_point begin_, measured_from_, end_, measured_to_;
  Clock::duration patience_;
  Ground ground_;
  std::vector<LoadClient> clients_;
  std::uint64_t started_ = 0;
  std::size_t turn_ = 0;
  SpotChecks checks_;
};

constexpr std::array kPreparations = {
    std::pair<std::string_view, ProviderId>{"prepare", ProviderId::Software},
    std::pair<std::string_view, ProviderId>{"prepare-tpm", ProviderId::Tpm},
    std::pair<std::string_view, ProviderId>{"prepare-token", ProviderId::Pkcs11},
};

int run(int argc, char** argv) {
  Options options(argc, argv,
                  {"socket", "mode", "mix", "clients", "depth", "rate", "seconds", "warm-up",
                   "count", "patience", "target"});
  // The kernel may delay timers by 50 µs otherwise: requests would all be late.
  ::prctl(PR_SET_TIMERSLACK, 1);
  std::signal(SIGTERM, [](int) { is_told_to_stop = 1; });
  const std::string mode = options.text("mode");
  for (const auto& [name, provider] : kPreparations)
    if (mode == name) {
      prepare(options.text("socket"), provider);
      return 0;
    }
  return Load(options).run();
}

}  // namespace
}  // namespace strongroom::bench

int main(int argc, char** argv) {
  return strongroom::bench::run(argc, argv);
}
