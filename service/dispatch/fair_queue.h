// Work waiting for a lane, given out fairly between principals. Not synchronised: the lane that
// owns it is.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "service/principals/accounts.h"

namespace strongroom {

// Start-time fair queueing (Goyal, Vin and Cheng, SIGCOMM 1996): over any time in which two
// principals both have work waiting they are served equal cost, to within one job of each. Each
// principal has a tag, the virtual time at which its next job may start; the lowest tag is served,
// of equal ones the cheaper job, and moves up by the cost of what was taken. Virtual time is the
// tag last served. Who comes back gets a tag of now: to have been idle earns nothing, and whoever
// arrives waits for at most one job of each other principal.
//
// All operations are O(log n). A principal's own jobs keep their order.
template <typename Job>
class FairQueue {
 public:
  // How many jobs of one principal may run at the same time.
  enum class AtATime { Any, One };

  explicit FairQueue(AtATime at_a_time = AtATime::Any) noexcept : at_a_time_(at_a_time) {}
  // Flows are referred to by address.
  FairQueue(const FairQueue&) = delete;
  FairQueue& operator=(const FairQueue&) = delete;

  // `number` is the job's own; of one principal the lower goes first.
  void push(const Principal& principal, std::uint64_t number, Cost cost, Job job) {
    Node& node = *flows_.try_emplace(principal).first;
    unlink(node);
    if (node.second.waiting.empty() && !node.second.is_held)
      node.second.tag = std::max(node.second.tag, now_);
    node.second.waiting.emplace(number, Waiting{cost, std::move(job)});
    ++size_;
    cost_ += cost;
    link(node);
  }

  // The job whose turn it is; nullopt when none may run now. finished() follows.
  std::optional<Job> pop() {
    if (ready_.empty()) return std::nullopt;
    Node& node = *std::get<Node*>(*ready_.begin());
    Flow& flow = node.second;
    unlink(node);
    now_ = flow.tag;
    const auto first = flow.waiting.begin();
    flow.tag += first->second.cost;
    Job job = take(flow, first);
    ++running_;
    flow.is_held = at_a_time_ == AtATime::One;
    link(node);
    forget_settled();
    return job;
  }

  // A job of `principal` that pop() gave has ended.
  void finished(const Principal& principal) {
    --running_;
    if (at_a_time_ == AtATime::One) {
      Node& node = *flows_.find(principal);
      node.second.is_held = false;
      node.second.tag = std::max(node.second.tag, now_);
      link(node);
    }
    forget_settled();
  }

  // Takes a job out of turn; nullopt when it does not wait here.
  std::optional<Job> remove(const Principal& principal, std::uint64_t number) {
    const auto node = flows_.find(principal);
    if (node == flows_.end()) return std::nullopt;
    const auto found = node->second.waiting.find(number);
    if (found == node->second.waiting.end()) return std::nullopt;
    unlink(*node);
    Job job = take(node->second, found);
    link(*node);
    forget_settled();
    return job;
  }

  // What was taken turned out to cost so much more, or less.
  void correct(const Principal& principal, Cost difference) {
    Node& node = *flows_.try_emplace(principal).first;
    unlink(node);
    node.second.tag = std::max(std::max(node.second.tag, now_) + difference, now_);
    link(node);
  }

  bool has_waiting(const Principal& principal) const noexcept {
    const auto node = flows_.find(principal);
    return node != flows_.end() && !node->second.waiting.empty();
  }
  bool has_ready() const noexcept { return !ready_.empty(); }
  std::size_t size() const noexcept { return size_; }
  Cost cost() const noexcept { return cost_; }  // of all that waits

 private:
  struct Waiting {
    Cost cost;
    Job job;
  };
  struct Flow {
    std::map<std::uint64_t, Waiting> waiting;  // by number
    Cost tag{0};
    bool is_held = false;  // nothing more of it may run now
  };
  using Node = std::pair<const Principal, Flow>;
  using Turn = std::tuple<Cost, Cost, std::uint64_t, Node*>;  // tag, and cost and number of the job

  // A flow is ready, or held, or idle: then its tag is remembered as long as it means something.
  void link(Node& node) {
    const Flow& flow = node.second;
    if (flow.is_held) return;
    if (flow.waiting.empty())
      idle_.emplace(flow.tag, &node);
    else
      ready_.insert(turn_of(node));
  }
  void unlink(Node& node) {
    if (node.second.waiting.empty())
      idle_.erase({node.second.tag, &node});
    else
      ready_.erase(turn_of(node));
  }
  static Turn turn_of(Node& node) {
    const auto& [number, first] = *node.second.waiting.begin();
    return {node.second.tag, first.cost, number, &node};
  }

  Job take(Flow& flow, typename std::map<std::uint64_t, Waiting>::iterator position) {
    Job job = std::move(position->second.job);
    --size_;
    cost_ -= position->second.cost;
    flow.waiting.erase(position);
    return job;
  }

  // Idle flows whose tag the time has passed; all, when nobody is served or waits.
  void forget_settled() {
    const bool is_at_rest = size_ == 0 && running_ == 0;
    while (!idle_.empty() && (is_at_rest || idle_.begin()->first <= now_)) {
      const Principal principal = idle_.begin()->second->first;
      idle_.erase(idle_.begin());
      flows_.erase(principal);
    }
  }

  const AtATime at_a_time_;
  std::unordered_map<Principal, Flow, Principal::Hash> flows_;
  std::set<Turn> ready_;
  std::set<std::pair<Cost, Node*>> idle_;
  Cost now_{0};
  std::size_t size_ = 0;
  std::size_t running_ = 0;
  Cost cost_{0};
};

}  // namespace strongroom
