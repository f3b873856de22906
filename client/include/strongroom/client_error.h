// Why a call of the client library failed, and what its caller may conclude.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "base/status.h"

namespace strongroom {

namespace detail {
struct Access;
}

// Where a call failed. Whether the service may all the same have made a change is
// outcome_is_unknown().
enum class ErrorSource : std::uint8_t {
  Caller,      // an argument that cannot be sent, an endpoint that is not one, or no memory:
               // nothing was sent, unless it was the answer that found no memory
  Endpoint,    // no socket to talk to: missing, refused, not allowed, not trusted: nothing was sent
               // that could have changed anything
  Connection,  // lost, and the request could not be sent again, because it may have been carried
               // out or because connections were lost again and again
  Answer,      // what came back does not answer the request: the service is not to be trusted
  Service,     // the service answered, and status() is its word: nothing was changed, unless that
               // word is KeyInfoManagerError (the store failed while it wrote), or it is of
               // destroy_key() and a device: the key may be forgotten, and the device not have
               // destroyed it yet. One word is ours:
               // ProviderNotRegistered, too, when no provider was chosen and the service, asked for
               // its providers, lists none that keeps keys
  Timeout,     // the caller's time was up; an answer that still comes is dropped
  Cancelled,   // the caller's own wish; an answer that still comes is dropped
};

// For sources other than Service the status is the nearest one: PsaErrorInvalidArgument,
// PsaErrorInsufficientMemory, ConnectionError, and for answers what is wrong with them.
class [[nodiscard]] ClientError {
 public:
  ClientError(ErrorSource source, Status status, std::string message, int system_error = 0) noexcept
      : message_(std::move(message)),
        system_error_(system_error),
        status_(status),
        source_(source) {}

  ErrorSource source() const noexcept { return source_; }
  Status status() const noexcept { return status_; }
  // "doing what: cause", innermost cause last. Holds no secret.
  const std::string& message() const noexcept { return message_; }
  // The errno behind an Endpoint or Connection error, 0 when there is none.
  int system_error() const noexcept { return system_error_; }

  // True when the request would change something (a key made or destroyed), it or a part of it was
  // handed to the kernel, and no answer was read: it may or may not have been carried out. Never
  // true of a request that changes nothing, which may simply be asked again.
  bool outcome_is_unknown() const noexcept { return outcome_is_unknown_; }

  void add_context(std::string_view doing) { message_.insert(0, std::string(doing) + ": "); }

 private:
  friend struct detail::Access;

  std::string message_;
  int system_error_;
  Status status_;
  ErrorSource source_;
  bool outcome_is_unknown_ = false;
};

// A T, or why there is none.
template <typename T = void>
class [[nodiscard]] ClientResult : public std::expected<T, ClientError> {
 public:
  using std::expected<T, ClientError>::expected;
};

}  // namespace strongroom
