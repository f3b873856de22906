#include "service/dispatch/fair_queue.h"

#include <utility>

namespace strongroom {

void FairQueue::push(const Principal& principal, Job job) {
  std::deque<Job>& jobs = waiting_[principal];
  if (jobs.empty()) turns_.push_back(principal);
  jobs.push_back(std::move(job));
  ++size_;
}

std::optional<FairQueue::Job> FairQueue::pop() {
  if (turns_.empty()) return std::nullopt;
  const Principal principal = turns_.front();
  turns_.pop_front();
  auto jobs = waiting_.find(principal);
  Job job = std::move(jobs->second.front());
  jobs->second.pop_front();
  --size_;
  if (jobs->second.empty())
    waiting_.erase(jobs);
  else
    turns_.push_back(principal);
  return job;
}

}  // namespace strongroom
