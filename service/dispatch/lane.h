// A provider's workers and the work that waits for them: what is slow or stuck in one lane delays
// nothing in another.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "service/dispatch/fair_queue.h"

namespace strongroom {

// Owns its threads, which run at nice 10 so that loops are never behind them. Any thread may
// submit.
class Lane {
 public:
  Lane(std::string name, unsigned workers) : name_(std::move(name)), worker_count_(workers) {}
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // Once. ConnectionError when the system has no thread to give.
  Result<> start();
  // A job submitted after stop() is destroyed unrun.
  void submit(const Principal& principal, FairQueue::Job job);
  // Whether `principal` has work queued here: then its next request may not overtake it.
  bool has_waiting(const Principal& principal) const;
  // Lets running jobs end, destroys waiting ones unrun, joins.
  void stop();

 private:
  void work(std::stop_token stop);

  const std::string name_;
  const unsigned worker_count_;
  mutable std::mutex mutex_;  // guards queue_ and is_stopped_
  std::condition_variable_any ready_;
  FairQueue queue_;
  bool is_stopped_ = false;
  std::vector<std::jthread> workers_;
};

}  // namespace strongroom
