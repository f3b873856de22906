// All lanes of the service. They outlive configurations: a reload finds the lanes of its providers,
// with what waits in them.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "providers/provider.h"
#include "service/dispatch/lane.h"

namespace strongroom {

// Any thread.
class Lanes {
 public:
  struct Settings {
    unsigned workers = 1;  // for each provider's lane
  };
  explicit Lanes(const Settings& settings);

  // Once, before the lanes are used: starts the threads of core's and administration's.
  Result<> start();

  // What the core provider does for applications.
  Lane& core() noexcept { return core_; }
  // What administrators ask: behind nobody else's work.
  Lane& administration() noexcept { return administration_; }
  // The provider's, by wire id and instance; made and started when it is new. A lane once made
  // stays, idle when no provider uses it. ConnectionError when the system has no thread to give.
  Result<Lane*> lane_of(const ProviderDescription& provider);

  // Lets running work end, drops what waits, and joins the lanes. Nothing runs in a lane
  // afterwards, whoever still submits to it.
  void stop();

 private:
  const Settings settings_;
  Lane core_;
  Lane administration_;
  std::mutex mutex_;  // guards what follows
  std::map<std::pair<std::uint8_t, std::string>, Lane> providers_;
};

}  // namespace strongroom
