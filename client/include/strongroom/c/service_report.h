// How a Strongroom service is, for administrators on a socket for administration.
#ifndef STRONGROOM_C_SERVICE_REPORT_H
#define STRONGROOM_C_SERVICE_REPORT_H

#include <strongroom/c/client.h>

STRONGROOM_BEGIN

// Strongroom's operation Status at one moment; other services answer
// STRONGROOM_STATUS_OPCODE_DOES_NOT_EXIST. Times are seconds since 1970.
typedef struct strongroom_service_report strongroom_service_report;

STRONGROOM_API strongroom_status
strongroom_service_status(strongroom_client* client, strongroom_service_report** report,
                          strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API const char* strongroom_service_report_version(
    const strongroom_service_report* report) STRONGROOM_NOEXCEPT;
STRONGROOM_API int64_t strongroom_service_report_started_at(const strongroom_service_report* report)
    STRONGROOM_NOEXCEPT;
STRONGROOM_API uint64_t strongroom_service_report_uptime_s(const strongroom_service_report* report)
    STRONGROOM_NOEXCEPT;
// Whether no key can reach a swap partition.
STRONGROOM_API bool strongroom_service_report_memory_is_locked(
    const strongroom_service_report* report) STRONGROOM_NOEXCEPT;
// 1 at the start, one more with each reload that was applied.
STRONGROOM_API uint64_t strongroom_service_report_configuration_generation(
    const strongroom_service_report* report) STRONGROOM_NOEXCEPT;

typedef enum strongroom_reload {
  STRONGROOM_RELOAD_NONE = 0,  // the configuration is that of the start
  STRONGROOM_RELOAD_APPLIED = 1,
  STRONGROOM_RELOAD_REFUSED = 2  // and the configuration before it stays
} strongroom_reload;

STRONGROOM_API strongroom_reload
strongroom_service_report_last_reload(const strongroom_service_report* report) STRONGROOM_NOEXCEPT;
// 0 without a reload.
STRONGROOM_API int64_t strongroom_service_report_last_reload_at(
    const strongroom_service_report* report) STRONGROOM_NOEXCEPT;
// NULL without a reload.
STRONGROOM_API const char* strongroom_service_report_last_reload_message(
    const strongroom_service_report* report) STRONGROOM_NOEXCEPT;

// What applications, or administrators, hold of the service now.
typedef enum strongroom_side {
  STRONGROOM_SIDE_APPLICATIONS = 0,
  STRONGROOM_SIDE_ADMINISTRATORS = 1
} strongroom_side;
typedef enum strongroom_load {
  STRONGROOM_LOAD_PRINCIPALS = 0,
  STRONGROOM_LOAD_CONNECTIONS = 1,
  STRONGROOM_LOAD_FRAMES = 2,
  STRONGROOM_LOAD_BYTES = 3,
  STRONGROOM_LOAD_QUEUED_COST_US = 4,
  STRONGROOM_LOAD_REFUSED_CONNECTIONS = 5  // since the start
} strongroom_load;

STRONGROOM_API uint64_t strongroom_service_report_load(const strongroom_service_report* report,
                                                       strongroom_side side,
                                                       strongroom_load load) STRONGROOM_NOEXCEPT;

// The work of one provider, of the core provider or of administration.
STRONGROOM_API size_t strongroom_service_report_lane_count(const strongroom_service_report* report)
    STRONGROOM_NOEXCEPT;
STRONGROOM_API const char* strongroom_service_report_lane_name(
    const strongroom_service_report* report, size_t index) STRONGROOM_NOEXCEPT;
STRONGROOM_API uint64_t strongroom_service_report_lane_queued(
    const strongroom_service_report* report, size_t index) STRONGROOM_NOEXCEPT;
STRONGROOM_API uint64_t strongroom_service_report_lane_queued_cost_us(
    const strongroom_service_report* report, size_t index) STRONGROOM_NOEXCEPT;
STRONGROOM_API uint64_t strongroom_service_report_lane_running(
    const strongroom_service_report* report, size_t index) STRONGROOM_NOEXCEPT;
STRONGROOM_API uint64_t strongroom_service_report_lane_oldest_wait_ms(
    const strongroom_service_report* report, size_t index) STRONGROOM_NOEXCEPT;

// The key store. Degraded: what it holds is not what the service left there; what verifies is
// usable. Checking: not degraded as far as is known.
STRONGROOM_API bool strongroom_service_report_store_is_degraded(
    const strongroom_service_report* report) STRONGROOM_NOEXCEPT;
STRONGROOM_API bool strongroom_service_report_store_is_checking(
    const strongroom_service_report* report) STRONGROOM_NOEXCEPT;
STRONGROOM_API const char* strongroom_service_report_store_reason(
    const strongroom_service_report* report) STRONGROOM_NOEXCEPT;
STRONGROOM_API uint64_t strongroom_service_report_store_unreadable_records(
    const strongroom_service_report* report) STRONGROOM_NOEXCEPT;
STRONGROOM_API void strongroom_service_report_free(strongroom_service_report* report)
    STRONGROOM_NOEXCEPT;

STRONGROOM_END

#endif
