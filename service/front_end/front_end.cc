#include "service/front_end/front_end.h"

#include <utility>

#include "service/front_end/checks.h"
#include "service/front_end/request_log.h"

namespace strongroom {
namespace {

ResponseHeader echo_of(const RequestHeader& request) {
  return {.provider = request.provider,
          .session = request.session,
          .content_type = request.accept_type,
          .opcode = request.opcode};
}

// Of a request whose header is not to be trusted; on a kept connection the client has to know which
// one it was.
ResponseHeader blank_for(const RequestHeader& request) {
  if ((request.flags & kFlagKeep) == 0) return {};
  return {.session = request.session, .opcode = request.opcode};
}

Response answer(ResponseHeader header, Status status, Bytes body = {}) {
  header.status = std::to_underlying(status);
  header.body_size = static_cast<std::uint32_t>(body.size());
  return {.header = header, .body = std::move(body)};
}

Response response_to(ResponseHeader header, Result<Bytes> result) {
  if (!result) return answer(header, result.error().status());
  return answer(header, Status::Success, *std::move(result));
}

}  // namespace

FrontEnd::FrontEnd(Settings settings, std::vector<std::unique_ptr<Authenticator>> authenticators,
                   std::shared_ptr<const Dispatcher> dispatcher)
    : settings_(std::move(settings)),
      authenticators_(std::move(authenticators)),
      dispatcher_(std::move(dispatcher)) {}

Result<std::optional<RequestHeader>> FrontEnd::admit(ByteView arrived) const {
  std::optional<RequestHeader> header = TRY(decode_request_header(arrived));
  if (header && header->body_size > settings_.body_limit)
    return fail(Status::BodySizeExceedsLimit, fmt::format("a body of {} bytes is longer than {}",
                                                          header->body_size, settings_.body_limit));
  return header;
}

void FrontEnd::serve(Request request, const Caller& caller, Slice& slice, std::stop_token gone,
                     Respond respond) const {
  RequestLog log(request.header, caller);
  CheckedRequest checked{.request = request,
                         .caller = caller,
                         .settings = settings_,
                         .authenticators = authenticators_,
                         .dispatcher = *dispatcher_};
  const RequestHeader& sent = request.header;
  const ResponseHeader echo = echo_of(sent);
  for (const Check& check : checks()) {
    Result<> passed = check.run(checked);
    if (passed) continue;
    log.finish(passed);
    return respond(answer(check.answer == AnswerHeader::Echo ? echo : blank_for(sent),
                          passed.error().status()));
  }
  log.admitted(*checked.operation, checked.application);
  Call call{.opcode = checked.operation->opcode,
            .provider = request.header.provider,
            .application = std::move(checked.application),
            .account = caller.account,
            .body = std::move(request.body),
            .gone = std::move(gone)};
  dispatcher_->run(
      std::move(call), slice,
      [echo, log = std::move(log), respond = std::move(respond)](Result<Bytes> result) mutable {
        log.finish(result);
        respond(response_to(echo, std::move(result)));
      });
}

Response FrontEnd::refuse(const Error& error, const Caller& caller) const {
  log_refusal(error, caller);
  return answer(ResponseHeader(), error.status());
}

}  // namespace strongroom
