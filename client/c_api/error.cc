// Statuses and errors.
#include <new>
#include <utility>

#include "base/status.h"
#include "client/c_api/call.h"

namespace strongroom::c_api {

strongroom_status report(ClientError&& failure, strongroom_error** error) noexcept {
  auto status = static_cast<strongroom_status>(failure.status());
  if (error != nullptr) *error = new (std::nothrow) strongroom_error{std::move(failure)};
  return status;
}

}  // namespace strongroom::c_api

const char* strongroom_status_name(strongroom_status status) noexcept {
  // The names are literals.
  return strongroom::to_string(static_cast<strongroom::Status>(status)).data();
}

strongroom_status strongroom_error_status(const strongroom_error* error) noexcept {
  if (error == nullptr) return STRONGROOM_STATUS_SUCCESS;
  return static_cast<strongroom_status>(error->error.status());
}

strongroom_source strongroom_error_source(const strongroom_error* error) noexcept {
  if (error == nullptr) return STRONGROOM_SOURCE_CALLER;
  return static_cast<strongroom_source>(error->error.source());
}

const char* strongroom_error_message(const strongroom_error* error) noexcept {
  return error != nullptr ? error->error.message().c_str() : nullptr;
}

int strongroom_error_errno(const strongroom_error* error) noexcept {
  return error != nullptr ? error->error.system_error() : 0;
}

bool strongroom_error_outcome_is_unknown(const strongroom_error* error) noexcept {
  return error != nullptr && error->error.outcome_is_unknown();
}

void strongroom_error_free(strongroom_error* error) noexcept {
  delete error;
}
