#include "service/dispatch/lanes.h"

namespace strongroom {
namespace {

// Lists that need the disk, and nothing else.
constexpr unsigned kCoreWorkers = 1;

}  // namespace

Lanes::Lanes(const Settings& settings)
    : settings_(settings), core_("core", kCoreWorkers), administration_("admin", kCoreWorkers) {}

Result<> Lanes::start() {
  TRY(core_.start());
  return administration_.start();
}

Result<Lane*> Lanes::lane_of(const ProviderDescription& provider) {
  const std::lock_guard lock(mutex_);
  const auto [entry, is_new] = providers_.try_emplace(
      {provider.id, provider.identity.instance}, provider.identity.instance, settings_.workers);
  if (is_new)
    if (Result<> started = entry->second.start(); !started) {
      providers_.erase(entry);
      return std::unexpected(std::move(started).error());
    }
  return &entry->second;
}

void Lanes::stop() {
  core_.stop();
  administration_.stop();
  const std::lock_guard lock(mutex_);
  for (auto& [provider, lane] : providers_)
    lane.stop();
}

}  // namespace strongroom
