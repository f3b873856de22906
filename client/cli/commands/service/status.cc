// strongroom status
#include <algorithm>
#include <optional>
#include <ostream>

#include <fmt/format.h>

#include "client/cli/command.h"
#include "client/cli/record/json.h"
#include "client/cli/record/time.h"
#include "client/cli/terminal/progress.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

Json reload_json(const std::optional<ReloadReport>& reload) {
  if (!reload) return nullptr;
  bool is_applied = reload->outcome == ReloadReport::Outcome::Applied;
  return Json::Object{{"outcome", is_applied ? "applied" : "refused"},
                      {"at", timestamp(reload->at)},
                      {"message", reload->message}};
}

Json load_json(const ServiceLoad& load) {
  return Json::Object{{"principals", load.principals},
                      {"connections", load.connections},
                      {"requests", load.requests},
                      {"buffered_bytes", load.buffered_bytes},
                      {"queued_microseconds", load.queued_cost.count()},
                      {"refused_connections", load.refused_connections}};
}

Json lanes_json(const std::vector<LaneStatus>& lanes) {
  Json::Array all;
  for (const LaneStatus& lane : lanes)
    all.emplace_back(Json::Object{{"name", lane.name},
                                  {"queued", lane.queued},
                                  {"queued_microseconds", lane.queued_cost.count()},
                                  {"running", lane.running},
                                  {"oldest_wait_milliseconds", lane.oldest_wait.count()}});
  return all;
}

Json store_json(const StoreStatus& store) {
  return Json::Object{{"degraded", store.is_degraded},
                      {"checking", store.is_checking},
                      {"reason", store.reason},
                      {"unreadable_records", store.unreadable_records}};
}

std::string_view state_name(ProviderStatus::State state) {
  using enum ProviderStatus::State;
  switch (state) {
    case Up: return "up";
    case Degraded: return "degraded";
    case Down: return "down";
    case Recovering: return "recovering";
    case Unknown: break;
  }
  return "unknown";
}

Json providers_json(const std::vector<ProviderStatus>& providers) {
  Json::Array all;
  for (const ProviderStatus& provider : providers) {
    bool has_since = provider.since != std::chrono::sys_seconds();
    all.push_back(Json::Object{{"id", provider.id},
                               {"name", provider.name},
                               {"state", state_name(provider.state)},
                               {"since", has_since ? Json(timestamp(provider.since)) : nullptr},
                               {"reason", provider.reason},
                               {"unfinished_keys", provider.unfinished_keys}});
  }
  return all;
}

bool is_degraded(const ProviderStatus& provider) {
  return provider.state != ProviderStatus::State::Up;
}

// The service lists it for its keys alone.
bool is_configured(const ProviderStatus& provider) {
  return provider.id != 0 || !is_degraded(provider);
}

// nullopt while all is well.
std::optional<std::string> complaint_about(const ServiceStatus& status) {
  if (status.store.is_degraded) return visible(status.store.reason);
  auto provider = std::ranges::find_if(status.providers, is_degraded);
  if (provider == status.providers.end()) return std::nullopt;
  return fmt::format("provider '{}' is {}: {}", visible(provider->name),
                     state_name(provider->state), visible(provider->reason));
}

std::string advice_on(const ServiceStatus& status) {
  if (status.store.is_degraded) return "'strongroom fsck' tells more of the store";
  const auto provider = std::ranges::find_if(status.providers, is_degraded);
  if (!is_configured(*provider))
    return "the other providers serve; its keys are of use again once the configuration has a "
           "provider of that name and type";
  return "the other providers serve; its reason says what to do, and what has gone away is looked "
         "for again by itself";
}

Json status_json(const ServiceStatus& status) {
  return Json::Object{{"version", status.version},
                      {"degraded", complaint_about(status).has_value()},
                      {"started_at", timestamp(status.started_at)},
                      {"uptime_seconds", status.uptime.count()},
                      {"memory_locked", status.is_memory_locked},
                      {"configuration_generation", status.configuration_generation},
                      {"last_reload", reload_json(status.last_reload)},
                      {"applications", load_json(status.applications)},
                      {"administrators", load_json(status.administrators)},
                      {"lanes", lanes_json(status.lanes)},
                      {"store", store_json(status.store)},
                      {"providers", providers_json(status.providers)}};
}

std::string reload_text(const std::optional<ReloadReport>& reload) {
  if (!reload) return "none since the start";
  bool is_applied = reload->outcome == ReloadReport::Outcome::Applied;
  return fmt::format("{} at {}: {}", is_applied ? "applied" : "refused", timestamp(reload->at),
                     visible(reload->message));
}

std::string store_text(const StoreStatus& store, const Look& look) {
  if (store.is_degraded)
    return look.in(Colour::Red, "degraded") + fmt::format(": {}", visible(store.reason));
  std::string unreadable;
  if (store.unreadable_records != 0)
    unreadable = fmt::format(", {} records accepted as unreadable", store.unreadable_records);
  if (store.is_checking) return look.in(Colour::Yellow, "being checked") + unreadable;
  return look.in(Colour::Green, "healthy") + unreadable;
}

std::string provider_text(const ProviderStatus& provider, const Look& look) {
  std::string state(state_name(provider.state));
  std::string unfinished;
  if (provider.unfinished_keys != 0)
    unfinished =
        fmt::format("; of {} {} the objects are still to be destroyed", provider.unfinished_keys,
                    provider.unfinished_keys == 1 ? "key" : "keys");
  if (!is_degraded(provider) && !provider.reason.empty())
    return look.in(Colour::Green, state) + fmt::format(": {}", visible(provider.reason)) +
           unfinished;
  if (!is_degraded(provider)) return look.in(Colour::Green, state) + unfinished;
  if (provider.since != std::chrono::sys_seconds())
    state += fmt::format(" since {}", timestamp(provider.since));
  return look.in(Colour::Red, state) + fmt::format(": {}{}", visible(provider.reason), unfinished);
}

std::string load_text(const ServiceLoad& load) {
  return fmt::format("{} connections of {} principals, {} requests, {}; {} connections refused",
                     load.connections, load.principals, load.requests,
                     byte_count(load.buffered_bytes), load.refused_connections);
}

void print_lanes(const std::vector<LaneStatus>& lanes, const Streams& streams) {
  Table table(
      {{"", "LANE"}, {"", "RUNNING"}, {"", "QUEUED"}, {"", "WORK, ms"}, {"", "OLDEST, ms"}});
  for (const LaneStatus& lane : lanes)
    table.add({lane.name, static_cast<std::int64_t>(lane.running),
               static_cast<std::int64_t>(lane.queued), lane.queued_cost.count() / 1000,
               lane.oldest_wait.count()});
  table.print_columns(streams.out, streams.look);
}

void print(const ServiceStatus& status, const Streams& streams) {
  const Look& look = streams.look;
  auto line = [&](std::string_view term, std::string_view text) {
    streams.out << look.in(Colour::Bold, fmt::format("{:<16}", term)) << ' ' << text << '\n';
  };
  line("version:", visible(status.version));
  line("running for:",
       fmt::format("{}, since {}", duration_text(status.uptime), timestamp(status.started_at)));
  line("memory:", status.is_memory_locked
                      ? "locked"
                      : look.in(Colour::Yellow, "not locked; keys may reach the swap"));
  line("configuration:", fmt::format("generation {}", status.configuration_generation));
  line("last reload:", reload_text(status.last_reload));
  line("applications:", load_text(status.applications));
  line("administrators:", load_text(status.administrators));
  line("store:", store_text(status.store, look));
  for (const ProviderStatus& provider : status.providers)
    line(fmt::format("{}:", visible(provider.name)), provider_text(provider, look));
  streams.out << '\n';
  print_lanes(status.lanes, streams);
}

Outcome<> run(const Invocation& invocation) {
  Client client = TRY(invocation.open_client());
  Task task{.kind = Task::Kind::Administrate,
            .doing = "asking how the service is",
            .socket_path = client.socket_path()};
  ServiceStatus status = TRY(during(task, client.status()));
  if (invocation.wants_json())
    invocation.streams.out << status_json(status).text() << '\n';
  else
    print(status, invocation.streams);
  auto complaint = complaint_about(status);
  if (!complaint) return {};
  return failed(ExitCode::Degraded, fmt::format("the service is degraded: {}", *complaint),
                advice_on(status));
}

}  // namespace

const Command kStatus = {
    .words = "status",
    .summary = "say how the service is, to administrators",
    .options = {},
    .positionals = {},
    .run = run,
    .audience = Audience::Administrators,
};

}  // namespace strongroom::cli
