// How a service is, and what it is told to do.
#include "client/c_api/call.h"
#include "client/c_api/prepare.h"
#include "strongroom/request.h"

namespace requests = strongroom::requests;
using strongroom::LaneStatus;
using strongroom::ReloadReport;
using strongroom::ServiceLoad;
using strongroom::ServiceStatus;
using strongroom::StoreFinding;
using strongroom::c_api::call_for_handle;

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
    case STRONGROOM_LOAD_REQUESTS: return held.requests;
    case STRONGROOM_LOAD_BUFFERED_BYTES: return held.buffered_bytes;
    case STRONGROOM_LOAD_QUEUED_COST_US: return static_cast<uint64_t>(held.queued_cost.count());
    case STRONGROOM_LOAD_REFUSED_CONNECTIONS: return held.refused_connections;
  }
  return 0;
}

strongroom_reload_outcome outcome_of(ReloadReport::Outcome outcome) noexcept {
  bool is_applied = outcome == ReloadReport::Outcome::Applied;
  return is_applied ? STRONGROOM_RELOAD_APPLIED : STRONGROOM_RELOAD_REFUSED;
}

const StoreFinding* finding(const strongroom_store_check* check, size_t index) noexcept {
  if (check == nullptr || index >= check->answer.findings.size()) return nullptr;
  return &check->answer.findings[index];
}

}  // namespace

strongroom_status strongroom_service_status(strongroom_client* client,
                                            strongroom_service_report** report,
                                            strongroom_error** error) noexcept {
  return call_for_handle(client, report, error, []() { return requests::status(); });
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

strongroom_reload_outcome strongroom_service_report_last_reload(
    const strongroom_service_report* report) noexcept {
  if (report == nullptr || !report->status.last_reload) return STRONGROOM_RELOAD_NONE;
  return outcome_of(report->status.last_reload->outcome);
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

strongroom_status strongroom_reload_configuration(strongroom_client* client,
                                                  strongroom_reload_report** report,
                                                  strongroom_error** error) noexcept {
  return call_for_handle(client, report, error, []() { return requests::reload(); });
}

strongroom_reload_outcome strongroom_reload_report_outcome(
    const strongroom_reload_report* report) noexcept {
  return report != nullptr ? outcome_of(report->answer.outcome) : STRONGROOM_RELOAD_NONE;
}

uint64_t strongroom_reload_report_generation(const strongroom_reload_report* report) noexcept {
  return report != nullptr ? report->answer.generation : 0;
}

const char* strongroom_reload_report_message(const strongroom_reload_report* report) noexcept {
  return report != nullptr ? report->answer.message.c_str() : nullptr;
}

void strongroom_reload_report_free(strongroom_reload_report* report) noexcept {
  delete report;
}

strongroom_status strongroom_check_store(strongroom_client* client, bool accept,
                                         strongroom_store_check** check,
                                         strongroom_error** error) noexcept {
  return call_for_handle(client, check, error,
                         [&]() { return strongroom::c_api::prepare::check_store(accept); });
}

uint64_t strongroom_store_check_records(const strongroom_store_check* check) noexcept {
  return check != nullptr ? check->answer.records : 0;
}

uint64_t strongroom_store_check_verified(const strongroom_store_check* check) noexcept {
  return check != nullptr ? check->answer.verified : 0;
}

bool strongroom_store_check_is_accepted(const strongroom_store_check* check) noexcept {
  return check != nullptr && check->answer.is_accepted;
}

size_t strongroom_store_check_finding_count(const strongroom_store_check* check) noexcept {
  return check != nullptr ? check->answer.findings.size() : 0;
}

strongroom_finding strongroom_store_check_finding_kind(const strongroom_store_check* check,
                                                       size_t index) noexcept {
  const StoreFinding* found = finding(check, index);
  return found != nullptr ? static_cast<strongroom_finding>(found->kind)
                          : STRONGROOM_FINDING_UNKNOWN;
}

const char* strongroom_store_check_finding_text(const strongroom_store_check* check,
                                                size_t index) noexcept {
  const StoreFinding* found = finding(check, index);
  return found != nullptr ? found->text.c_str() : nullptr;
}

uint64_t strongroom_store_check_left_out(const strongroom_store_check* check) noexcept {
  return check != nullptr ? check->answer.left_out : 0;
}

void strongroom_store_check_free(strongroom_store_check* check) noexcept {
  delete check;
}
