// Why a call of the client library failed.
#pragma once

#include <cstdint>
#include <expected>
#include <source_location>
#include <string>
#include <utility>

#include "base/error.h"

namespace strongroom {

// Where a call failed, which decides what its caller may conclude.
enum class ErrorSource : std::uint8_t {
  Caller,      // an argument that cannot be sent; nothing was sent
  Endpoint,    // no socket to talk to: missing, refused, not allowed, not trusted; nothing was sent
  Connection,  // broken or too slow once sending had begun: the outcome is unknown
  Answer,      // what came back does not answer the request: the outcome is unknown
  Service,     // the service answered, and status() is its word
};

// An Error that also says where it arose. For sources other than Service the status is the nearest
// one: PsaErrorInvalidArgument, ConnectionError, and for answers what is wrong with them.
class [[nodiscard]] ClientError : public Error {
 public:
  ClientError(ErrorSource source, Status status, std::string message, int system_error = 0,
              std::source_location where = std::source_location::current())
      : Error(status, std::move(message), where), source_(source), system_error_(system_error) {}

  ErrorSource source() const noexcept { return source_; }
  // The errno behind an Endpoint or Connection error, 0 when there is none.
  int system_error() const noexcept { return system_error_; }

 private:
  ErrorSource source_;
  int system_error_;
};

template <typename T = void>
class [[nodiscard]] ClientResult : public std::expected<T, ClientError> {
 public:
  using std::expected<T, ClientError>::expected;
};

}  // namespace strongroom
