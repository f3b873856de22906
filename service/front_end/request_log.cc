#include "service/front_end/request_log.h"

#include <algorithm>
#include <array>
#include <atomic>

#include "base/log.h"
#include "service/front_end/refusal_limit.h"

namespace strongroom {
namespace {

constexpr std::string_view kComponent = "front_end";

// What no client can bring about: the operator should look.
constexpr std::array kServiceFailures = {
    Status::WrongProviderId,
    Status::SerializingBodyFailed,
    Status::KeyInfoManagerError,
    Status::PsaErrorGenericError,
    Status::PsaErrorInvalidHandle,
    Status::PsaErrorBadState,
    Status::PsaErrorBufferTooSmall,
    Status::PsaErrorInsufficientMemory,
    Status::PsaErrorInsufficientStorage,
    Status::PsaErrorCommunicationFailure,
    Status::PsaErrorStorageFailure,
    Status::PsaErrorHardwareFailure,
    Status::PsaErrorInsufficientEntropy,
    Status::PsaErrorCorruptionDetected,
    Status::PsaErrorDataCorrupt,
};

bool is_service_failure(Status status) {
  return std::ranges::find(kServiceFailures, status) != kServiceFailures.end();
}

// Writes a failure unless its principal has used up its lines.
void write_failure(const Principal& principal, const Error& error, const std::string& line) {
  static RefusalLimit limit;
  log::Level level = is_service_failure(error.status()) ? log::Level::Warning : log::Level::Info;
  RefusalLimit::Verdict verdict = limit.count(principal, std::chrono::steady_clock::now());
  if (verdict.suppressed > 0)
    log::info(kComponent, "principal={} {} more failures were not logged", principal.to_string(),
              verdict.suppressed);
  if (verdict.may_log) log::line(level, kComponent, "{} cause=\"{}\"", line, error.message());
}

}  // namespace

RequestLog::RequestLog(const RequestHeader& header, const Caller& caller)
    : principal_(caller.account->principal()), provider_(header.provider), opcode_(header.opcode) {
  static std::atomic<std::uint64_t> numbers = 0;
  number_ = ++numbers;
}

void RequestLog::admitted(const Operation& operation,
                          const std::optional<ApplicationId>& application) {
  operation_ = operation.name;
  if (application) application_ = application->name;
}

std::string RequestLog::line(Status status) const {
  using std::chrono::microseconds;
  auto spent =
      std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - arrived_);
  std::string operation = operation_.empty() ? fmt::to_string(opcode_) : std::string(operation_);
  return fmt::format("request={} op={} principal={} app='{}' provider={} status={} us={}", number_,
                     operation, principal_.to_string(), escaped(application_), provider_,
                     to_string(status), spent.count());
}

void RequestLog::succeeded() const {
  if (log::is_enabled(log::Level::Debug)) log::debug(kComponent, "{}", line(Status::Success));
}

void RequestLog::failed(const Error& error) const {
  write_failure(principal_, error, line(error.status()));
}

void log_refusal(const Error& error, const Caller& caller) {
  const Principal& principal = caller.account->principal();
  write_failure(
      principal, error,
      fmt::format("principal={} status={}", principal.to_string(), to_string(error.status())));
}

}  // namespace strongroom
