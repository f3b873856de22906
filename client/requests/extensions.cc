// The requests that services other than Strongroom do not know.
#include <chrono>

#include "client/requests/about_key.h"
#include "control_provider.pb.h"
#include "key_info.pb.h"
#include "reload.pb.h"
#include "status.pb.h"
#include "store_check.pb.h"

namespace strongroom::requests {
namespace {

std::chrono::sys_seconds since_1970(std::uint64_t seconds) {
  return std::chrono::sys_seconds(std::chrono::seconds(seconds));
}

std::optional<ReloadReport> decode_reload(const ::status::Configuration& message) {
  using enum ReloadReport::Outcome;
  if (message.last_reload() == ::status::RELOAD_OUTCOME_NONE) return std::nullopt;
  return ReloadReport{
      .outcome = message.last_reload() == ::status::APPLIED ? Applied : Refused,
      .at = since_1970(message.last_reload_at()),
      .message = message.last_reload_message(),
  };
}

ServiceLoad decode_load(const ::status::Load& message) {
  return {
      .principals = message.principals(),
      .connections = message.connections(),
      .requests = message.frames(),
      .buffered_bytes = message.bytes(),
      .queued_cost = std::chrono::microseconds(message.queued_cost_us()),
      .refused_connections = message.refused_connections(),
  };
}

LaneStatus decode_lane(const ::status::Lane& message) {
  return {
      .name = message.name(),
      .queued = message.queued(),
      .queued_cost = std::chrono::microseconds(message.queued_cost_us()),
      .running = message.running(),
      .oldest_wait = std::chrono::milliseconds(message.oldest_wait_ms()),
  };
}

StoreStatus decode_store(const ::status::Store& message) {
  return {
      .is_degraded = message.is_degraded(),
      .is_checking = message.is_checking(),
      .reason = message.reason(),
      .unreadable_records = message.unreadable_records(),
  };
}

ProviderStatus::State state_from(::status::ProviderState number) {
  using enum ProviderStatus::State;
  switch (number) {
    case ::status::UP: return Up;
    case ::status::DEGRADED: return Degraded;
    case ::status::DOWN: return Down;
    case ::status::RECOVERING: return Recovering;
    default: return Unknown;
  }
}

ProviderStatus decode_provider(const ::status::Provider& message) {
  return {
      .id = static_cast<std::uint8_t>(message.id()),
      .name = message.name(),
      .state = state_from(message.state()),
      .since = since_1970(message.since()),
      .reason = message.reason(),
      .unfinished_keys = message.unfinished_keys(),
  };
}

ServiceStatus decode_status(const ::status::Result& message) {
  ServiceStatus status{
      .version = message.version(),
      .started_at = since_1970(message.started_at()),
      .uptime = std::chrono::seconds(message.uptime_s()),
      .is_memory_locked = message.memory_is_locked(),
      .configuration_generation = message.configuration().generation(),
      .last_reload = decode_reload(message.configuration()),
      .applications = decode_load(message.applications()),
      .administrators = decode_load(message.administrators()),
      .lanes = {},
      .store = decode_store(message.store()),
      .providers = {},
  };
  for (const ::status::Lane& lane : message.lanes())
    status.lanes.push_back(decode_lane(lane));
  for (const ::status::Provider& provider : message.providers())
    status.providers.push_back(decode_provider(provider));
  return status;
}

Protection protection_from(::key_info::Protection number) {
  switch (number) {
    case ::key_info::SOFTWARE: return Protection::Software;
    case ::key_info::TOKEN: return Protection::Token;
    case ::key_info::TPM: return Protection::Tpm;
    default: return Protection::Unknown;
  }
}

StoreFinding::Kind kind_from(::store_check::Kind number) {
  using enum StoreFinding::Kind;
  switch (number) {
    case ::store_check::DATABASE_DAMAGED: return DatabaseDamaged;
    case ::store_check::HEAD_UNREADABLE: return HeadUnreadable;
    case ::store_check::HEAD_DIFFERS: return HeadDiffers;
    case ::store_check::UNREADABLE: return Unreadable;
    case ::store_check::PENDING: return Pending;
    case ::store_check::DESTROYING: return Destroying;
    case ::store_check::NOT_COMPARED: return NotCompared;
    case ::store_check::OBJECT_MISSING: return ObjectMissing;
    case ::store_check::OBJECT_DIFFERS: return ObjectDiffers;
    case ::store_check::ORPHAN_OBJECT: return OrphanObject;
    default: return Unknown;
  }
}

StoreFinding finding_from(const ::store_check::Finding& message) {
  return {.kind = kind_from(message.kind()), .text = message.text(), .subject = message.subject()};
}

ClientResult<StoreCheckAnswer> decode_check(const EncodedRequest& /*request*/, ByteView bytes) {
  using Answer = ::store_check::Result;
  return reading<Answer>(bytes, [](const Answer& message) -> ClientResult<StoreCheckAnswer> {
    StoreCheckAnswer check{
        .records = message.records(),
        .verified = message.verified(),
        .findings = {},
        .left_out = message.left_out(),
        .is_accepted = message.is_accepted(),
        .repaired = message.repaired(),
        .repairs = {},
    };
    for (const ::store_check::Finding& finding : message.findings())
      check.findings.push_back(finding_from(finding));
    for (const ::store_check::Finding& repair : message.repairs())
      check.repairs.push_back(finding_from(repair));
    return check;
  });
}

ClientResult<ReloadAnswer> decode_reload_answer(const EncodedRequest& /*request*/, ByteView bytes) {
  using Answer = ::reload::Result;
  return reading<Answer>(bytes, [](const Answer& message) -> ClientResult<ReloadAnswer> {
    using enum ReloadReport::Outcome;
    return ReloadAnswer{
        .outcome = message.outcome() == ::reload::APPLIED ? Applied : Refused,
        .generation = message.generation(),
        .message = message.message(),
    };
  });
}

ClientResult<ProviderAnswer> decode_what_was_done(const EncodedRequest& /*request*/,
                                                  ByteView bytes) {
  using Answer = ::control_provider::Result;
  return reading<Answer>(bytes, [](const Answer& message) -> ClientResult<ProviderAnswer> {
    return ProviderAnswer{.is_done = message.is_done(), .message = message.message()};
  });
}

std::unexpected<ClientError> bad_details(std::string_view name, std::string_view cause) {
  return bad_answer(fmt::format("reading what is known of key '{}': {}", escaped(name), cause));
}

ClientResult<ServiceStatus> decode_answer(const EncodedRequest& /*request*/, ByteView bytes) {
  return reading<::status::Result>(bytes, [](const ::status::Result& answer) {
    return ClientResult<ServiceStatus>(decode_status(answer));
  });
}

ClientResult<KeyDetails> decode_details(const EncodedRequest& request, ByteView bytes) {
  const std::string& name = request.key_name;
  using Answer = ::key_info::Result;
  return reading<Answer>(bytes, [&](const Answer& message) -> ClientResult<KeyDetails> {
    Result<psa::KeyAttributes> attributes = decode(message.attributes());
    if (!attributes) return bad_details(name, attributes.error().message());
    if (message.provider_id() > UINT8_MAX) return bad_details(name, "its provider has no number");
    return KeyDetails{
        .key = {.provider = static_cast<ProviderId>(message.provider_id()),
                .name = name,
                .attributes = *attributes},
        .created = since_1970(message.created()),
        .public_key = bytes_of(message.public_key()),
        .protection = protection_from(message.protection()),
    };
  });
}

}  // namespace

Prepared<ServiceStatus> status() {
  return client::guarded([&] {
    return prepared<ServiceStatus>(encoded(Opcode::Status, kAboutTheCaller, ::status::Operation()),
                                   decode_answer);
  });
}

Prepared<ReloadAnswer> reload() {
  return client::guarded([&] {
    return prepared<ReloadAnswer>(encoded(Opcode::Reload, kAdministration, ::reload::Operation()),
                                  decode_reload_answer);
  });
}

Prepared<ProviderAnswer> control_provider(std::string_view provider, ProviderAction action) {
  return client::guarded([&] {
    const bool is_unlock = action == ProviderAction::Unlock;
    ::control_provider::Operation operation;
    operation.set_provider(std::string(provider));
    operation.set_action(is_unlock ? ::control_provider::UNLOCK : ::control_provider::ACCEPT_ROOT);
    return prepared<ProviderAnswer>(encoded(Opcode::ControlProvider, kAdministration, operation),
                                    decode_what_was_done);
  });
}

Prepared<StoreCheckAnswer> check_store(StoreAcceptance acceptance) {
  return client::guarded([&] {
    const bool is_change = acceptance == StoreAcceptance::Accept;
    ::store_check::Operation operation;
    operation.set_accept(is_change);
    return prepared<StoreCheckAnswer>(
        encoded(Opcode::StoreCheck, is_change ? kAdministration : kAboutTheCaller, operation),
        decode_check);
  });
}

Prepared<StoreCheckAnswer> repair_store(std::span<const std::string> subjects) {
  return client::guarded([&] {
    ::store_check::Operation operation;
    for (const std::string& subject : subjects)
      operation.add_repair(subject);
    return prepared<StoreCheckAnswer>(encoded(Opcode::StoreCheck, kAdministration, operation),
                                      decode_check);
  });
}

Prepared<KeyDetails> key_info(Name name) {
  return client::guarded([&]() -> Prepared<KeyDetails> {
    auto operation = TRY(about_key<::key_info::Operation>(name));
    EncodedRequest request = TRY(encoded(Opcode::KeyInfo, kUseOfKey, operation));
    request.key_name = std::string(name);
    return prepared<KeyDetails>(std::move(request), decode_details);
  });
}

}  // namespace strongroom::requests
