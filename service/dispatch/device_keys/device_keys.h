// Keys that are objects in devices: what is left to be done of them when nobody waits for it any
// more.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "providers/provider.h"
#include "service/dispatch/lanes.h"
#include "service/store/store.h"

namespace strongroom {

// Brings to an end what a crash, a stop, a full disk or a device that was away has left half done:
// a reservation gives its name back and becomes a destruction; objects that are to be destroyed are
// destroyed in their provider's lane once it serves, and then their record goes. Of the whole
// process. Any thread; has a thread of its own, which waits for no device.
class DeviceKeys : public std::enable_shared_from_this<DeviceKeys> {
 public:
  // How long after an attempt that failed comes the next, and how often a provider that does not
  // serve is looked at.
  struct Pauses {
    std::chrono::milliseconds first{1'000};
    std::chrono::milliseconds longest{30'000};
  };
  // Both outlive it.
  DeviceKeys(Store& store, Lanes& lanes) : DeviceKeys(store, lanes, Pauses()) {}
  DeviceKeys(Store& store, Lanes& lanes, const Pauses& pauses);
  ~DeviceKeys();
  DeviceKeys(const DeviceKeys&) = delete;
  DeviceKeys& operator=(const DeviceKeys&) = delete;

  // Once. ConnectionError when the system has no thread to give.
  Result<> start();
  // Those of the configuration from now on. Of one that is new, what the store has unfinished.
  void use(const std::vector<std::shared_ptr<Provider>>& providers);
  // What is left then stays in the store, for the next start.
  void stop();

  // A request is at work on that key: it is not among what is left. Of a key that is being made the
  // serial is 0.
  class Claim {
   public:
    Claim(std::shared_ptr<DeviceKeys> keys, KeyId id, std::uint64_t serial);
    ~Claim();
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;

   private:
    const std::shared_ptr<DeviceKeys> keys_;
    const std::pair<KeyId, std::uint64_t> key_;
  };

  // Of a change to that key the outcome is not known, or nobody goes on with it. What is reserved
  // under that material will not be made, and its name is free once the store knows; what is being
  // destroyed is destroyed; a key that is there stays.
  void doubt(const KeyId& id, const SecretBuffer& material);
  // A key is being destroyed, as the store knows.
  void destroy(KeyRecordPtr key);

  // What is left of the provider's.
  std::size_t left_of(const ProviderIdentity& provider) const;

  // In the lane of that provider, whose generation is kept meanwhile.
  struct LaneJob {
    const ProviderDescription& provider;
    std::shared_ptr<Account> account;  // is charged
    std::shared_ptr<const void> generation;
    Cost cost;
    std::stop_token gone = {};  // nobody waits for it any more
  };
  // Calls one of the two, once, or neither when the service stops: `refused` on any thread.
  void run_in_lane(LaneJob job, std::move_only_function<void(std::stop_token)> run,
                   std::move_only_function<void(Error)> refused);

 private:
  using Clock = std::chrono::steady_clock;
  using Records = std::deque<KeyRecordPtr>;
  // One provider's.
  struct Place {
    std::weak_ptr<Provider> provider;
    Records doubted;       // they may be reserved
    Records doomed;        // keys that are being destroyed
    std::size_t busy = 0;  // of these, which a thread of the store or the lane has now
    bool is_in_lane = false;
    bool must_read = false;  // what the store has of it
    Clock::time_point due;   // not before
    std::chrono::milliseconds pause{0};
  };
  class Batch;
  static constexpr std::size_t kBatch = 16;

  void run(const std::stop_token& stop);
  // Does what is due, and says when something is again.
  Clock::time_point attend();
  void read(const ProviderIdentity& identity);
  void abandon_those_of(const ProviderIdentity& identity);
  void abandon(const KeyRecordPtr& doubted);
  void note(const KeyRecord& doubted, Result<KeyRecordPtr> abandoned);
  void read_again(const ProviderIdentity& identity);
  void submit_those_of(const ProviderIdentity& identity);
  void submit(const std::shared_ptr<Provider>& provider, Records keys);
  void finish(const KeyRecordPtr& key);
  // What was busy is done with, or is to be done again.
  void settle(const KeyRecord& key);
  void put_back(KeyRecordPtr key, Records Place::* list);
  // From the lane: those that it did not get done.
  void put_back(const ProviderIdentity& identity, Records keys, bool has_failed);
  void add(KeyRecordPtr key, Records Place::* list);

  // With the mutex held.
  void back_off(Place& place);
  void wake();

  Store& store_;
  Lanes& lanes_;
  const Pauses pauses_;
  const std::shared_ptr<Account> account_;  // the service's own
  mutable std::mutex mutex_;                // guards what follows; not held while calling out
  std::map<ProviderIdentity, Place> places_;
  std::multiset<std::pair<KeyId, std::uint64_t>> claims_;
  bool has_news_ = false;
  std::condition_variable_any changed_;
  std::jthread thread_;
};

}  // namespace strongroom
