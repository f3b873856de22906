#include "client/channel/judgement.h"

#include <utility>

#include <fmt/format.h>

#include "client/guarded.h"

namespace strongroom::client {
namespace {

ClientError bad_answer(Status status, std::string_view cause) {
  return {ErrorSource::Answer, status, fmt::format("reading the answer: {}", cause)};
}

}  // namespace

bool is_blank(const ResponseHeader& header) noexcept {
  return header.status != std::to_underlying(Status::Success) && header.session == 0 &&
         header.opcode == std::to_underlying(Opcode::Ping) && header.provider == 0;
}

ClientResult<> check_echo(const ResponseHeader& header, const Call& call) {
  if (is_blank(header)) return {};
  const auto opcode = std::to_underlying(call.request.opcode);
  if (header.opcode != opcode)
    return std::unexpected(
        bad_answer(Status::InvalidHeader,
                   fmt::format("it is for opcode 0x{:x}, not 0x{:x}", header.opcode, opcode)));
  // The service refuses what is no operation of a provider before it looks which one is asked.
  const bool is_refusal_of_core =
      header.status != std::to_underlying(Status::Success) && header.provider == 0;
  const auto provider = std::to_underlying(*call.provider);
  if (header.provider != provider && !is_refusal_of_core)
    return std::unexpected(
        bad_answer(Status::InvalidHeader,
                   fmt::format("it comes from provider {}, not {}", header.provider, provider)));
  return {};
}

ClientResult<SecretBytes> judge(AnswerReader::Answer answer) {
  const std::uint16_t number = answer.header.status;
  std::optional<Status> status = status_from(number);
  if (!status)
    return std::unexpected(bad_answer(Status::InvalidEncoding,
                                      fmt::format("status {} is not one of the protocol", number)));
  if (*status != Status::Success) return std::unexpected(refusal(*status));
  if (answer.state == AnswerReader::Body::NoMemory) return out_of_memory();
  if (answer.state == AnswerReader::Body::TooLarge)
    return std::unexpected(bad_answer(
        Status::ResponseTooLarge,
        fmt::format("it has {} bytes, which is more than is allowed", answer.header.body_size)));
  return std::move(answer.body);
}

ClientError refusal(Status status) {
  return {
      ErrorSource::Service, status,
      fmt::format("the service answered {} ({})", std::to_underlying(status), to_string(status))};
}

ClientError gone_with_connection(std::string_view cause) {
  return {ErrorSource::Connection, Status::ConnectionError,
          fmt::format("the operation is gone with its connection: {}", cause)};
}

ClientError premature_answer() {
  return bad_answer(Status::InvalidHeader, "it came before the request was sent");
}

ClientError unexpected_session(const ResponseHeader& header, bool keeps) {
  return bad_answer(Status::InvalidHeader,
                    fmt::format("it belongs to session 0x{:x}, {}", header.session,
                                keeps ? "in which nothing is in flight" : "not to none"));
}

}  // namespace strongroom::client
