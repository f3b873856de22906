#include "service/front_end/answerer.h"

#include <exception>
#include <utility>

#include "base/memory_reserve.h"

namespace strongroom {
namespace {

ResponseHeader echo_of(const RequestHeader& request) noexcept {
  return {.provider = request.provider,
          .session = request.session,
          .content_type = request.accept_type,
          .opcode = request.opcode};
}

// Of a request whose header is not to be trusted; on a kept connection the client has to know which
// one it was.
ResponseHeader blank_for(const RequestHeader& request) noexcept {
  if ((request.flags & kFlagKeep) == 0) return {};
  return {.session = request.session, .opcode = request.opcode};
}

}  // namespace

Response response_with(ResponseHeader header, Status status, Bytes body) {
  header.status = std::to_underlying(status);
  header.body_size = static_cast<std::uint32_t>(body.size());
  return {.header = header, .body = std::move(body)};
}

Answerer::Answerer(const RequestHeader& request, RequestLog log, Respond respond) noexcept
    : echo_(echo_of(request)),
      blank_(blank_for(request)),
      log_(std::move(log)),
      respond_(std::move(respond)) {}

Answerer::~Answerer() {
  if (!respond_ || std::uncaught_exceptions() == 0) return;
  std::ignore =
      attempt([this] { (*this)(fail(Status::PsaErrorInsufficientMemory, "out of memory")); });
}

void Answerer::refuse(AnswerHeader header, const Error& error) {
  finish(header == AnswerHeader::Echo ? echo_ : blank_, std::unexpected(error));
}

void Answerer::operator()(Result<Bytes> result) {
  finish(echo_, std::move(result));
}

void Answerer::finish(const ResponseHeader& header, Result<Bytes> result) {
  log_.finish(result);
  const Status status = result ? Status::Success : result.error().status();
  Bytes body = result ? *std::move(result) : Bytes();
  std::exchange(respond_, nullptr)(response_with(header, status, std::move(body)));
}

}  // namespace strongroom
