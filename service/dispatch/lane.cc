#include "service/dispatch/lane.h"

#include <pthread.h>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "base/errno_text.h"
#include "base/log.h"

namespace strongroom {
namespace {

constexpr int kNice = 10;
constexpr std::size_t kThreadNameLimit = 15;  // pthread_setname_np(3)

// Beside busy workers of equal priority a loop waits milliseconds for its core, beside nice ones a
// tenth of one.
void become_worker(const std::string& name) {
  ::pthread_setname_np(::pthread_self(), name.substr(0, kThreadNameLimit).c_str());
  if (::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice) != 0)
    log::warning("dispatch", "setpriority of a worker of '{}': {}", name, errno_text());
}

}  // namespace

Result<> Lane::start() {
  workers_.reserve(worker_count_);
  try {
    while (workers_.size() < worker_count_)
      workers_.emplace_back([this](std::stop_token stop) { work(std::move(stop)); });
  } catch (const std::system_error& error) {
    return fail(Status::ConnectionError,
                fmt::format("lane '{}': cannot start a thread: {}", name_, error.code().message()));
  }
  return {};
}

Lane::~Lane() {
  stop();
}

void Lane::submit(const Principal& principal, FairQueue::Job job) {
  {
    std::lock_guard lock(mutex_);
    if (is_stopped_) return;
    queue_.push(principal, std::move(job));
  }
  ready_.notify_one();
}

bool Lane::has_waiting(const Principal& principal) const {
  std::lock_guard lock(mutex_);
  return queue_.has_waiting(principal);
}

void Lane::stop() {
  {
    FairQueue unrun;  // destroyed without the lock: a job's end may call back
    std::lock_guard lock(mutex_);
    is_stopped_ = true;
    std::swap(unrun, queue_);
  }
  for (std::jthread& worker : workers_)
    worker.request_stop();
  workers_.clear();
}

void Lane::work(std::stop_token stop) {
  become_worker(name_);
  while (true) {
    std::optional<FairQueue::Job> job;
    {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, stop, [this] { return queue_.size() > 0; });
      if (stop.stop_requested()) return;
      job = queue_.pop();
    }
    if (job) (*job)();
  }
}

}  // namespace strongroom
