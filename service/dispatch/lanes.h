// All lanes of the service. They outlive configurations: a reload finds the lanes of its providers,
// with what waits in them.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "providers/provider.h"
#include "service/dispatch/lane.h"
#include "service/dispatch/timekeeper.h"

namespace strongroom {

// Any thread. A thread of its own answers what has waited too long, even while every worker is
// stuck.
class Lanes {
 public:
  // Of tokens, by the instance: as many as do something at a time. Others have `workers`.
  using DeviceWorkers = std::map<std::string, unsigned>;
  struct Settings {
    unsigned workers = 1;  // for each provider's lane that can use several
    DeviceWorkers device_workers{};
    std::chrono::milliseconds queue_timeout = std::chrono::seconds(8);
    std::chrono::milliseconds run_timeout = std::chrono::seconds(60);  // then work is cancelled
  };
  explicit Lanes(const Settings& settings);
  ~Lanes() { stop(); }
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;

  // Once, before the lanes are used: starts the threads of core's and administration's.
  Result<> start();

  // What the core provider does for applications.
  Lane& core() noexcept { return core_; }
  // What administrators ask: behind nobody else's work.
  Lane& administration() noexcept { return administration_; }
  // The provider's, by wire id and instance; made and started when it is new. A lane once made
  // stays, idle when no provider uses it. ConnectionError when the system has no thread to give.
  Result<Lane*> lane_of(const ProviderDescription& provider);

  // Threads for each provider's lane that can use several. ConnectionError, and nothing has
  // changed, when the system does not give so many. Not while stop() runs.
  Result<> use_workers(unsigned workers, const DeviceWorkers& device_workers = {});
  // How long work may wait for a worker, from now on and in all lanes.
  void limit_queueing(std::chrono::milliseconds queue_timeout);
  // Runs `task` on the timekeeper's thread.
  void post_to_timekeeper(Timekeeper::Task task) { timekeeper_.post(std::move(task)); }
  // Core's first, then administration's, then the providers'.
  std::vector<LaneReport> report();

  // Cancels running work and lets it end, drops what waits, and joins the lanes. Nothing runs in a
  // lane afterwards, whoever still submits to it.
  void stop();

 private:
  Lane::Settings settings_for(std::string name) const;
  // Both with the mutex held.
  Result<> man_providers(const Settings& settings);
  static unsigned workers_for(const std::string& instance, const Settings& settings);
  std::vector<Lane*> all();
  Timekeeper::Clock::time_point attend(Timekeeper::Clock::time_point now);

  std::mutex mutex_;  // guards settings_ and which lanes there are
  Settings settings_;
  Timekeeper timekeeper_{[this](auto now) { return attend(now); }};
  const Lane::WakeBy wake_by_ = [this](auto due) { timekeeper_.wake_by(due); };
  Lane core_;
  Lane administration_;
  std::map<std::pair<std::uint8_t, std::string>, Lane> providers_;
};

}  // namespace strongroom
