// Operations that Parsec does not have.
#include "control_provider.pb.h"
#include "key_info.pb.h"
#include "reload.pb.h"
#include "service/dispatch/device_keys/comparison.h"
#include "service/dispatch/device_keys/device_keys.h"
#include "service/dispatch/handlers/handlers.h"
#include "service/dispatch/handlers/message.h"
#include "status.pb.h"
#include "store_check.pb.h"

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

status::ProviderState state_of(ProviderState state) {
  switch (state) {
    case ProviderState::Up: return status::UP;
    case ProviderState::Degraded: return status::DEGRADED;
    case ProviderState::Down: return status::DOWN;
    case ProviderState::Recovering: return status::RECOVERING;
  }
  return status::PROVIDER_STATE_NONE;
}

void describe(const Services& services, Provider& provider, status::Provider& message) {
  const ProviderHealth health = health_of(provider);
  message.set_id(provider.description().id);
  message.set_name(provider.description().identity.instance);
  message.set_state(state_of(health.state));
  message.set_since(since_1970(health.since));
  message.set_reason(health.reason);
  if (services.device_keys)
    message.set_unfinished_keys(services.device_keys->left_of(provider.description().identity));
}

void describe_missing_providers(const Services& services, status::Result& message) {
  for (const MissingProvider& each : missing_providers(services.store, services.providers)) {
    status::Provider& missing = *message.add_providers();
    missing.set_name(each.identity.instance);
    missing.set_state(status::DOWN);
    missing.set_reason(why_not_configured(each.keys));
  }
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

store_check::Kind kind_of(Finding::Kind kind) {
  switch (kind) {
    case Finding::Kind::DatabaseDamaged: return store_check::DATABASE_DAMAGED;
    case Finding::Kind::HeadUnreadable: return store_check::HEAD_UNREADABLE;
    case Finding::Kind::HeadDiffers: return store_check::HEAD_DIFFERS;
    case Finding::Kind::Unreadable: return store_check::UNREADABLE;
    case Finding::Kind::Pending: return store_check::PENDING;
    case Finding::Kind::Destroying: return store_check::DESTROYING;
    case Finding::Kind::NotCompared: return store_check::NOT_COMPARED;
    case Finding::Kind::ObjectMissing: return store_check::OBJECT_MISSING;
    case Finding::Kind::ObjectDiffers: return store_check::OBJECT_DIFFERS;
    case Finding::Kind::OrphanObject: return store_check::ORPHAN_OBJECT;
  }
  return store_check::KIND_NONE;
}

// As many findings as fit into `limit` bytes, and before them what was done.
Result<Bytes> described(const CheckReport& found, const DeviceComparison& compared, CheckMode mode,
                        std::size_t limit) {
  constexpr std::size_t kNumbers = 64;  // at most, beside the findings: four of 11 bytes, one of 2
  constexpr std::size_t kAround = 24;   // at most, around the texts: three tags and lengths, a kind
  store_check::Result result;
  result.set_records(found.records);
  result.set_verified(found.verified);
  std::size_t size = kNumbers;
  const auto add = [&](const std::vector<Finding>& findings, auto& messages) {
    for (const Finding& finding : findings) {
      size += kAround + finding.text.size() + finding.subject.size();
      if (size > limit) return;
      store_check::Finding& message = *messages.Add();
      message.set_kind(kind_of(finding.kind));
      message.set_text(finding.text);
      message.set_subject(finding.subject);
    }
  };
  add(compared.repairs, *result.mutable_repairs());
  add(found.findings, *result.mutable_findings());
  add(compared.findings, *result.mutable_findings());
  const auto told = static_cast<std::size_t>(result.findings_size());
  result.set_left_out(found.left_out + found.findings.size() + compared.left_out +
                      compared.findings.size() - told);
  result.set_repaired(compared.repairs.size());
  result.set_is_accepted(found.is_accepted && mode == CheckMode::Accept);
  return serialized(result);
}

Result<Bytes> described(const ReloadOutcome& outcome) {
  reload::Result result;
  result.set_outcome(outcome.is_applied ? reload::APPLIED : reload::REFUSED);
  result.set_generation(outcome.generation);
  result.set_message(outcome.message);
  return serialized(result);
}

Result<Maintenance*> maintained(const Services& services, const std::string& name) {
  for (const auto& provider : services.providers) {
    if (provider->description().identity.instance != name) continue;
    return facet(provider->maintenance(), "has nothing that could be told to it");
  }
  return fail(Status::PsaErrorDoesNotExist,
              fmt::format("no provider is called '{}'", escaped(name)));
}

using Wish = void (Maintenance::*)(Maintenance::Done);
Result<Wish> wish_of(control_provider::Action action) {
  switch (action) {
    case control_provider::UNLOCK: return &Maintenance::unlock;
    case control_provider::ACCEPT_ROOT: return &Maintenance::accept_root;
    default: return fail(Status::PsaErrorInvalidArgument, "no such action");
  }
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
    for (const auto& provider : services.providers)
      describe(services, *provider, *result.add_providers());
    describe_missing_providers(services, result);
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

// Both are answered by the thread that does it; until then they hold their generation.
Result<Work> reload(Planning& planning) {
  std::ignore = TRY(parsed<::reload::Operation>(planning));
  Reloads* reloads = TRY(facet(planning.services().reloads.get(), "cannot reload"));
  auto run = [services = planning.generation(), reloads](Reply reply, const std::stop_token&) {
    reloads->ask([services, reply = std::move(reply)](const ReloadOutcome& outcome) mutable {
      reply(described(outcome));
    });
  };
  return Work{.cost = kTrivialCost, .needs_provider = false, .run = std::move(run)};
}

Result<Work> control_provider(Planning& planning) {
  auto request = TRY(parsed<::control_provider::Operation>(planning));
  Maintenance* maintenance = TRY(maintained(planning.services(), request.provider()));
  const auto ask = TRY(wish_of(request.action()));
  auto run = [services = planning.generation(), maintenance, ask](Reply reply,
                                                                  const std::stop_token&) {
    (maintenance->*ask)([services, reply = std::move(reply)](Result<std::string> told) mutable {
      ::control_provider::Result result;
      result.set_is_done(told.has_value());
      result.set_message(told ? *told : told.error().message());
      reply(serialized(result));
    });
  };
  return Work{.cost = kTrivialCost, .needs_provider = false, .run = std::move(run)};
}

Result<Work> store_check(Planning& planning) {
  auto request = TRY(parsed<::store_check::Operation>(planning));
  const CheckMode mode = request.accept() ? CheckMode::Accept : CheckMode::Report;
  std::vector<std::string> subjects(request.repair().begin(), request.repair().end());
  auto run = [services = planning.generation(), account = planning.call().account, mode,
              subjects = std::move(subjects)](Reply reply, const std::stop_token&) {
    services->store.check(mode, [services, account, mode, subjects,
                                 reply = std::move(reply)](Result<CheckReportPtr> found) mutable {
      if (!found)
        return reply(in_context(Result<Bytes>(std::unexpected(std::move(found).error())),
                                "checking the store"));
      compare_with_devices(services, account, std::move(subjects),
                           [services, mode, report = *std::move(found),
                            reply = std::move(reply)](const DeviceComparison& compared) mutable {
                             reply(described(*report, compared, mode, services->response_limit));
                           });
    });
  };
  return Work{.cost = kTrivialCost, .needs_provider = false, .run = std::move(run)};
}

}  // namespace strongroom
