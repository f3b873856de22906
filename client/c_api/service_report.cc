// How a service is.
#include "client/c_api/call.h"

using strongroom::LaneStatus;
using strongroom::ServiceLoad;
using strongroom::ServiceStatus;

namespace {

// What `read` makes of the report; a value of nothing when there is none.
template <typename Read>
auto from(const strongroom_service_report* report, const Read& read) noexcept {
  using Value = decltype(read(report->status));
  return report != nullptr ? read(report->status) : Value{};
}

template <typename Read>
uint64_t from_lane(const strongroom_service_report* report, size_t index,
                   const Read& read) noexcept {
  if (report == nullptr || index >= report->status.lanes.size()) return 0;
  return static_cast<uint64_t>(read(report->status.lanes[index]));
}

uint64_t value_of(const ServiceLoad& held, strongroom_load load) noexcept {
  switch (load) {
    case STRONGROOM_LOAD_PRINCIPALS: return held.principals;
    case STRONGROOM_LOAD_CONNECTIONS: return held.connections;
    case STRONGROOM_LOAD_FRAMES: return held.frames;
    case STRONGROOM_LOAD_BYTES: return held.bytes;
    case STRONGROOM_LOAD_QUEUED_COST_US: return static_cast<uint64_t>(held.queued_cost.count());
    case STRONGROOM_LOAD_REFUSED_CONNECTIONS: return held.refused_connections;
  }
  return 0;
}

}  // namespace

strongroom_status strongroom_service_status(strongroom_client* client,
                                            strongroom_service_report** report,
                                            strongroom_error** error) noexcept {
  return strongroom::c_api::ask(client, report, error,
                                [](strongroom::Client& service) { return service.status(); });
}

const char* strongroom_service_report_version(const strongroom_service_report* report) noexcept {
  return from(report, [](const ServiceStatus& status) { return status.version.c_str(); });
}

int64_t strongroom_service_report_started_at(const strongroom_service_report* report) noexcept {
  return from(report, [](const ServiceStatus& status) -> int64_t {
    return status.started_at.time_since_epoch().count();
  });
}

uint64_t strongroom_service_report_uptime_s(const strongroom_service_report* report) noexcept {
  return from(report, [](const ServiceStatus& status) {
    return static_cast<uint64_t>(status.uptime.count());
  });
}

bool strongroom_service_report_memory_is_locked(const strongroom_service_report* report) noexcept {
  return from(report, [](const ServiceStatus& status) { return status.is_memory_locked; });
}

uint64_t strongroom_service_report_configuration_generation(
    const strongroom_service_report* report) noexcept {
  return from(report, [](const ServiceStatus& status) { return status.configuration_generation; });
}

strongroom_reload strongroom_service_report_last_reload(
    const strongroom_service_report* report) noexcept {
  if (report == nullptr || !report->status.last_reload) return STRONGROOM_RELOAD_NONE;
  bool is_applied =
      report->status.last_reload->outcome == strongroom::ReloadReport::Outcome::Applied;
  return is_applied ? STRONGROOM_RELOAD_APPLIED : STRONGROOM_RELOAD_REFUSED;
}

int64_t strongroom_service_report_last_reload_at(const strongroom_service_report* report) noexcept {
  if (report == nullptr || !report->status.last_reload) return 0;
  return report->status.last_reload->at.time_since_epoch().count();
}

const char* strongroom_service_report_last_reload_message(
    const strongroom_service_report* report) noexcept {
  if (report == nullptr || !report->status.last_reload) return nullptr;
  return report->status.last_reload->message.c_str();
}

uint64_t strongroom_service_report_load(const strongroom_service_report* report,
                                        strongroom_side side, strongroom_load load) noexcept {
  if (report == nullptr) return 0;
  const ServiceStatus& status = report->status;
  switch (side) {
    case STRONGROOM_SIDE_APPLICATIONS: return value_of(status.applications, load);
    case STRONGROOM_SIDE_ADMINISTRATORS: return value_of(status.administrators, load);
  }
  return 0;
}

size_t strongroom_service_report_lane_count(const strongroom_service_report* report) noexcept {
  return from(report, [](const ServiceStatus& status) { return status.lanes.size(); });
}

const char* strongroom_service_report_lane_name(const strongroom_service_report* report,
                                                size_t index) noexcept {
  if (index >= strongroom_service_report_lane_count(report)) return nullptr;
  return report->status.lanes[index].name.c_str();
}

uint64_t strongroom_service_report_lane_queued(const strongroom_service_report* report,
                                               size_t index) noexcept {
  return from_lane(report, index, [](const LaneStatus& lane) { return lane.queued; });
}

uint64_t strongroom_service_report_lane_queued_cost_us(const strongroom_service_report* report,
                                                       size_t index) noexcept {
  return from_lane(report, index, [](const LaneStatus& lane) { return lane.queued_cost.count(); });
}

uint64_t strongroom_service_report_lane_running(const strongroom_service_report* report,
                                                size_t index) noexcept {
  return from_lane(report, index, [](const LaneStatus& lane) { return lane.running; });
}

uint64_t strongroom_service_report_lane_oldest_wait_ms(const strongroom_service_report* report,
                                                       size_t index) noexcept {
  return from_lane(report, index, [](const LaneStatus& lane) { return lane.oldest_wait.count(); });
}

bool strongroom_service_report_store_is_degraded(const strongroom_service_report* report) noexcept {
  return from(report, [](const ServiceStatus& status) { return status.store.is_degraded; });
}

bool strongroom_service_report_store_is_checking(const strongroom_service_report* report) noexcept {
  return from(report, [](const ServiceStatus& status) { return status.store.is_checking; });
}

const char* strongroom_service_report_store_reason(
    const strongroom_service_report* report) noexcept {
  return from(report, [](const ServiceStatus& status) { return status.store.reason.c_str(); });
}

uint64_t strongroom_service_report_store_unreadable_records(
    const strongroom_service_report* report) noexcept {
  return from(report, [](const ServiceStatus& status) { return status.store.unreadable_records; });
}

void strongroom_service_report_free(strongroom_service_report* report) noexcept {
  delete report;
}
