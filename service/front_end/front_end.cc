#include "service/front_end/front_end.h"

#include <utility>

#include "base/memory_reserve.h"
#include "service/dispatch/parts/open_operations.h"
#include "service/front_end/answerer.h"
#include "service/front_end/checks.h"

namespace strongroom {
namespace {

// A body that is taken in even when memory is short.
constexpr std::uint32_t kSmallBody = 4096;

// What is begun on a connection that is not kept would end with the answer.
bool is_kept_after(const RequestHeader& header, const Caller& caller) {
  return (header.flags & kFlagKeep) != 0 && caller.peer.process != nullptr;
}

std::shared_ptr<OpenOperations> operations_for(const Operation& operation,
                                               const RequestHeader& header, const Caller& caller) {
  if (operation.order == Order::Any) return nullptr;
  if (operation.opcode == Opcode::MultipartSetup) {
    if (!is_kept_after(header, caller)) return nullptr;
    if (!caller.session) caller.session = std::make_shared<Session>();
  }
  return caller.session ? caller.session->operations(header.provider) : nullptr;
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
  if (header && header->body_size > kSmallBody && is_memory_short())
    return fail(Status::PsaErrorInsufficientMemory,
                fmt::format("a body of {} bytes while memory is short", header->body_size));
  return header;
}

void FrontEnd::serve(Request request, const Caller& caller, Slice& slice, std::stop_token gone,
                     Respond respond) const {
  Answerer answerer(request.header, RequestLog(request.header, caller), std::move(respond));
  // When memory runs out on the way, the answerer has answered already.
  std::ignore = attempt([&] {
    check_and_run(std::move(request), caller, slice, std::move(gone), std::move(answerer));
  });
}

void FrontEnd::check_and_run(Request request, const Caller& caller, Slice& slice,
                             std::stop_token gone, Answerer answerer) const {
  CheckedRequest checked{.request = request,
                         .caller = caller,
                         .settings = settings_,
                         .authenticators = authenticators_,
                         .dispatcher = *dispatcher_};
  for (const Check& check : checks())
    if (Result<> passed = check.run(checked); !passed)
      return answerer.refuse(check.answer, passed.error());
  answerer.admitted(*checked.operation, checked.application);
  Call call{.opcode = checked.operation->opcode,
            .provider = request.header.provider,
            .application = std::move(checked.application),
            .account = caller.account,
            .extended = (request.header.flags & kFlagExtended) != 0,
            .operations = operations_for(*checked.operation, request.header, caller),
            .body = std::move(request.body),
            .gone = std::move(gone)};
  dispatcher_->run(std::move(call), slice, std::move(answerer));
}

Response FrontEnd::refuse(const Error& error, const Caller& caller) const {
  log_refusal(error, caller);
  return response_with(ResponseHeader(), error.status());
}

void FrontEnd::expire(const Caller& caller, std::chrono::steady_clock::time_point now) const {
  if (caller.session) caller.session->expire(now);
}

}  // namespace strongroom
