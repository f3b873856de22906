#include "service/dispatch/lanes.h"

#include <algorithm>

#include "protocol/opcode.h"

namespace strongroom {
namespace {

// How a provider's lane is manned. A TPM does one thing at a time and cannot be pre-empted: one
// worker waits for it, one has the next command ready, or does what needs the software alone; and a
// third generates keys, so that between two generations there is a turn for all else. A token does
// as many things at a time as it has workers or sessions for, and makes one key.
void man(Lane::Settings& lane, std::uint8_t provider, unsigned workers) {
  switch (static_cast<ProviderId>(provider)) {
    case ProviderId::Software:
      lane.workers = workers;
      lane.slow_workers = std::max(1U, workers - 1);
      return;
    case ProviderId::Tpm:
      lane.kind = Lane::Kind::Device;
      lane.workers = 2;
      lane.slow_workers = 1;
      return;
    default:
      lane.kind = Lane::Kind::Device;
      lane.workers = workers;
      lane.slow_workers = 1;
  }
}

}  // namespace

Lanes::Lanes(const Settings& settings)
    : settings_(settings),
      core_(settings_for("core"), wake_by_),
      administration_(settings_for("admin"), wake_by_) {}

Lane::Settings Lanes::settings_for(std::string name) const {
  return {.name = std::move(name),
          .queue_timeout = settings_.queue_timeout,
          .run_timeout = settings_.run_timeout};
}

Result<> Lanes::start() {
  TRY(timekeeper_.start());
  TRY(core_.start());
  return administration_.start();
}

Result<Lane*> Lanes::lane_of(const ProviderDescription& provider) {
  const std::lock_guard lock(mutex_);
  const std::pair key(provider.id, provider.identity.instance);
  if (const auto known = providers_.find(key); known != providers_.end()) return &known->second;
  Lane::Settings settings = settings_for(provider.identity.instance);
  man(settings, provider.id, workers_for(provider.identity.instance, settings_));
  Lane& lane = providers_.try_emplace(key, std::move(settings), wake_by_).first->second;
  if (Result<> started = lane.start(); !started) {
    providers_.erase(key);
    return std::unexpected(std::move(started).error());
  }
  return &lane;
}

std::vector<Lane*> Lanes::all() {
  const std::lock_guard lock(mutex_);
  std::vector<Lane*> lanes = {&core_, &administration_};
  for (auto& [provider, lane] : providers_)
    lanes.push_back(&lane);
  return lanes;
}

Result<> Lanes::use_workers(unsigned workers, const DeviceWorkers& device_workers) {
  const std::lock_guard lock(mutex_);
  Settings wanted = settings_;
  wanted.workers = workers;
  wanted.device_workers = device_workers;
  if (Result<> manned = man_providers(wanted); !manned) {
    std::ignore = man_providers(settings_);  // takes away threads alone
    return manned;
  }
  settings_ = std::move(wanted);
  return {};
}

unsigned Lanes::workers_for(const std::string& instance, const Settings& settings) {
  const auto own = settings.device_workers.find(instance);
  return own == settings.device_workers.end() ? settings.workers : own->second;
}

Result<> Lanes::man_providers(const Settings& settings) {
  for (auto& [provider, lane] : providers_) {
    Lane::Settings wanted;
    man(wanted, provider.first, workers_for(provider.second, settings));
    TRY(lane.man(wanted.workers, wanted.slow_workers));
  }
  return {};
}

void Lanes::limit_queueing(std::chrono::milliseconds queue_timeout) {
  {
    const std::lock_guard lock(mutex_);
    settings_.queue_timeout = queue_timeout;
  }
  for (Lane* lane : all())
    lane->limit_queueing(queue_timeout);
}

std::vector<LaneReport> Lanes::report() {
  std::vector<LaneReport> reports;
  for (const Lane* lane : all())
    reports.push_back(lane->report(Lane::Clock::now()));
  return reports;
}

Timekeeper::Clock::time_point Lanes::attend(Timekeeper::Clock::time_point now) {
  Timekeeper::Clock::time_point next = Timekeeper::kNever;
  for (Lane* lane : all())
    next = std::min(next, lane->attend(now));
  return next;
}

void Lanes::stop() {
  timekeeper_.stop();
  for (Lane* lane : all())
    lane->stop();
}

}  // namespace strongroom
