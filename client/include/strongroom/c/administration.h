// How a Strongroom service is, and what it is told to do: for administrators on a socket for
// administration. Who keys belong to is in <strongroom/c/discovery.h>.
#ifndef STRONGROOM_C_ADMINISTRATION_H
#define STRONGROOM_C_ADMINISTRATION_H

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

typedef enum strongroom_reload_outcome STRONGROOM_ENUM {
  STRONGROOM_RELOAD_NONE = 0,  // the configuration is that of the start
  STRONGROOM_RELOAD_APPLIED = 1,
  STRONGROOM_RELOAD_REFUSED = 2  // and the configuration before it stays
} strongroom_reload_outcome;

STRONGROOM_API strongroom_reload_outcome
strongroom_service_report_last_reload(const strongroom_service_report* report) STRONGROOM_NOEXCEPT;
// 0 without a reload.
STRONGROOM_API int64_t strongroom_service_report_last_reload_at(
    const strongroom_service_report* report) STRONGROOM_NOEXCEPT;
// NULL without a reload.
STRONGROOM_API const char* strongroom_service_report_last_reload_message(
    const strongroom_service_report* report) STRONGROOM_NOEXCEPT;

// What applications, or administrators, hold of the service now.
typedef enum strongroom_side STRONGROOM_ENUM {
  STRONGROOM_SIDE_APPLICATIONS = 0,
  STRONGROOM_SIDE_ADMINISTRATORS = 1
} strongroom_side;
typedef enum strongroom_load STRONGROOM_ENUM {
  STRONGROOM_LOAD_PRINCIPALS = 0,
  STRONGROOM_LOAD_CONNECTIONS = 1,
  STRONGROOM_LOAD_REQUESTS = 2,        // read, waiting, running or not answered in full
  STRONGROOM_LOAD_BUFFERED_BYTES = 3,  // of these, and of answers that are not sent yet
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

// Strongroom's operation Reload: the service reads its configuration again, and this returns when
// that is applied or refused.
typedef struct strongroom_reload_report strongroom_reload_report;

STRONGROOM_API strongroom_status
strongroom_reload_configuration(strongroom_client* client, strongroom_reload_report** report,
                                strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_reload_outcome
strongroom_reload_report_outcome(const strongroom_reload_report* report) STRONGROOM_NOEXCEPT;
// Of the configuration in force, as strongroom_service_report_configuration_generation() counts.
STRONGROOM_API uint64_t strongroom_reload_report_generation(const strongroom_reload_report* report)
    STRONGROOM_NOEXCEPT;
// What has changed, or why nothing has.
STRONGROOM_API const char* strongroom_reload_report_message(const strongroom_reload_report* report)
    STRONGROOM_NOEXCEPT;
STRONGROOM_API void strongroom_reload_report_free(strongroom_reload_report* report)
    STRONGROOM_NOEXCEPT;

// Strongroom's operation StoreCheck: every seal of the key store is opened, which may take longer
// than other calls. With `accept`, what is found becomes the store's content.
typedef struct strongroom_store_check strongroom_store_check;

typedef enum strongroom_finding STRONGROOM_ENUM {
  STRONGROOM_FINDING_UNKNOWN = 0,
  STRONGROOM_FINDING_DATABASE_DAMAGED = 1,
  STRONGROOM_FINDING_HEAD_UNREADABLE = 2,
  STRONGROOM_FINDING_HEAD_DIFFERS = 3,  // a record was inserted, edited, removed or put back
  STRONGROOM_FINDING_UNREADABLE = 4,    // a record that does not verify
  STRONGROOM_FINDING_PENDING = 5,       // a key whose making was cut short; the service finishes it
  STRONGROOM_FINDING_DESTROYING = 6,    // a key whose destroying was cut short; likewise
  STRONGROOM_FINDING_NOT_COMPARED = 7,  // a provider whose device does not serve
  STRONGROOM_FINDING_OBJECT_MISSING = 8,  // a key whose object is not in the device any more
  STRONGROOM_FINDING_OBJECT_DIFFERS = 9,  // a key in whose place the device has another
  STRONGROOM_FINDING_ORPHAN_OBJECT = 10   // in the device, made by the service, and of no key
} strongroom_finding;

STRONGROOM_API strongroom_status
strongroom_check_store(strongroom_client* client, bool accept, strongroom_store_check** check,
                       strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API uint64_t strongroom_store_check_records(const strongroom_store_check* check)
    STRONGROOM_NOEXCEPT;
STRONGROOM_API uint64_t strongroom_store_check_verified(const strongroom_store_check* check)
    STRONGROOM_NOEXCEPT;
STRONGROOM_API bool strongroom_store_check_is_accepted(const strongroom_store_check* check)
    STRONGROOM_NOEXCEPT;
// What is not plain, and how many such findings are not told because there are too many.
STRONGROOM_API size_t strongroom_store_check_finding_count(const strongroom_store_check* check)
    STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_finding strongroom_store_check_finding_kind(
    const strongroom_store_check* check, size_t index) STRONGROOM_NOEXCEPT;
STRONGROOM_API const char* strongroom_store_check_finding_text(const strongroom_store_check* check,
                                                               size_t index) STRONGROOM_NOEXCEPT;
STRONGROOM_API uint64_t strongroom_store_check_left_out(const strongroom_store_check* check)
    STRONGROOM_NOEXCEPT;
STRONGROOM_API void strongroom_store_check_free(strongroom_store_check* check) STRONGROOM_NOEXCEPT;

STRONGROOM_END

#endif
