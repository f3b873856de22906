// A provider's workers and the work that waits for them: what is slow or stuck in one lane delays
// nothing in another.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "service/dispatch/fair_queue.h"

namespace strongroom {

// Owns its threads, which run at nice 10 so that loops are never behind them. Any thread may
// submit.
class Lane {
 public:
  Lane(std::string name, unsigned workers);
  // Lets running jobs end, destroys waiting ones unrun, joins.
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  void submit(uid_t principal, FairQueue::Job job);
  // Whether `principal` has work queued or running here: then its next request may not overtake.
  bool is_busy_for(uid_t principal) const;

 private:
  void work(std::stop_token stop);

  const std::string name_;
  mutable std::mutex mutex_;  // guards queue_ and running_
  std::condition_variable_any ready_;
  FairQueue queue_;
  std::unordered_map<uid_t, std::size_t> running_;
  std::vector<std::jthread> workers_;  // last, so that they end before what they use
};

}  // namespace strongroom
