// The end of a request: its answer, and its line in the log.
#pragma once

#include "service/front_end/checks.h"
#include "service/front_end/request_log.h"
#include "service/front_end/request_server.h"

namespace strongroom {

Response response_with(ResponseHeader header, Status status, Bytes body = {});

// Answers one request, once; with PsaErrorInsufficientMemory when it is destroyed by an exception,
// which is how a request ends for which there is no memory. Destroyed otherwise it does not answer:
// the service stops. One thread at a time.
class Answerer {
 public:
  Answerer(const RequestHeader& request, RequestLog log, Respond respond) noexcept;
  Answerer(Answerer&& other) noexcept
      : echo_(other.echo_),
        blank_(other.blank_),
        log_(std::move(other.log_)),
        respond_(std::exchange(other.respond_, nullptr)) {}
  Answerer& operator=(Answerer&&) = delete;
  ~Answerer();

  void admitted(const Operation& operation, const std::optional<ApplicationId>& application) {
    log_.admitted(operation, application);
  }
  void refuse(AnswerHeader header, const Error& error);
  void operator()(Result<Bytes> result);

 private:
  void finish(const ResponseHeader& header, Result<Bytes> result);

  ResponseHeader echo_;
  ResponseHeader blank_;
  RequestLog log_;
  Respond respond_;  // empty once it has answered
};

}  // namespace strongroom
