// Operations that Parsec does not have.
#include "key_info.pb.h"
#include "service/dispatch/handlers/handlers.h"
#include "service/dispatch/handlers/message.h"
#include "status.pb.h"

namespace strongroom {
namespace {

// Looks at every lane and the store's condition.
constexpr Cost kCostOfStatus{50};

std::uint64_t since_1970(std::chrono::sys_seconds time) {
  return static_cast<std::uint64_t>(time.time_since_epoch().count());
}

std::uint64_t in_microseconds(Cost cost) {
  return static_cast<std::uint64_t>(cost.count());
}

void describe(const ConfigurationHealth& configuration, status::Configuration& message) {
  using enum ConfigurationHealth::LastReload;
  message.set_generation(configuration.generation);
  if (configuration.last_reload == None) return;
  message.set_last_reload(configuration.last_reload == Applied ? status::APPLIED : status::REFUSED);
  message.set_last_reload_at(since_1970(configuration.last_reload_at));
  message.set_last_reload_message(configuration.last_reload_message);
}

void describe(const Load& load, status::Load& message) {
  message.set_principals(load.principals);
  message.set_connections(load.held.connections);
  message.set_frames(load.held.frames);
  message.set_bytes(load.held.bytes);
  message.set_queued_cost_us(in_microseconds(load.held.queued));
  message.set_refused_connections(load.refused_connections);
}

void describe(const LaneReport& lane, status::Lane& message) {
  message.set_name(lane.name);
  message.set_queued(lane.queued);
  message.set_queued_cost_us(in_microseconds(lane.queued_cost));
  message.set_running(lane.running);
  message.set_oldest_wait_ms(static_cast<std::uint64_t>(lane.oldest_wait.count()));
}

void describe(const StoreHealth& store, status::Store& message) {
  message.set_is_degraded(store.is_degraded);
  message.set_is_checking(store.is_checking);
  message.set_reason(store.reason);
  message.set_unreadable_records(store.unreadable_records);
}

void describe(const ServiceHealth& health, status::Result& message) {
  message.set_started_at(since_1970(health.started_at));
  message.set_uptime_s(static_cast<std::uint64_t>(health.uptime.count()));
  message.set_memory_is_locked(health.is_memory_locked);
  describe(health.configuration, *message.mutable_configuration());
  describe(health.applications, *message.mutable_applications());
  describe(health.administrators, *message.mutable_administrators());
  for (const LaneReport& lane : health.lanes)
    describe(lane, *message.add_lanes());
}

key_info::Protection protection_by(std::uint8_t provider) {
  switch (static_cast<ProviderId>(provider)) {
    case ProviderId::Software: return key_info::SOFTWARE;
    case ProviderId::Tpm: return key_info::TPM;
    default: return key_info::TOKEN;
  }
}

}  // namespace

Result<Work> status(Planning& planning) {
  std::ignore = TRY(parsed<::status::Operation>(planning));
  const Services& services = planning.services();
  return answered_by(kCostOfStatus, [&services] {
    ::status::Result result;
    const auto& [major, minor, patch] = services.version;
    result.set_version(fmt::format("{}.{}.{}", major, minor, patch));
    if (services.health) describe(services.health->health(), result);
    describe(services.store.health(), *result.mutable_store());
    return serialized(result);
  });
}

Result<Work> key_info(Planning& planning) {
  auto request = TRY(parsed<::key_info::Operation>(planning));
  KeyRecordPtr key = TRY(planning.key(request.key_name()));
  return answered_from_memory([key, provider = planning.call().provider] {
    ::key_info::Result result;
    *result.mutable_attributes() = encode(key->attributes);
    result.set_created(since_1970(key->created));
    result.set_provider_id(provider);
    result.set_public_key(field_of(key->public_key));
    result.set_protection(protection_by(provider));
    return serialized(result);
  });
}

}  // namespace strongroom
