#include "client/exchange.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/status.h"
#include "protocol/frame.h"

namespace strongroom::client {
namespace {

constexpr std::size_t kReceiveStep = std::size_t{64} * 1024;

std::unexpected<ClientError> bad_answer(Status status, std::string message) {
  return std::unexpected(ClientError(ErrorSource::Answer, status, std::move(message)));
}

ClientResult<SecretBytes> encode_frame(const Question& question) {
  if (question.body.size() > std::numeric_limits<std::uint32_t>::max() ||
      question.auth.size() > std::numeric_limits<std::uint16_t>::max())
    return std::unexpected(ClientError(ErrorSource::Caller, Status::BodySizeExceedsLimit,
                                       "framing the request: more bytes than a frame holds"));
  HeaderBytes header = encode(RequestHeader{
      .provider = std::to_underlying(question.provider),
      .auth_type = std::to_underlying(question.auth_type),
      .body_size = static_cast<std::uint32_t>(question.body.size()),
      .auth_size = static_cast<std::uint16_t>(question.auth.size()),
      .opcode = std::to_underlying(question.opcode),
  });
  SecretBytes frame;
  frame.reserve(header.size() + question.body.size() + question.auth.size());
  frame.insert(frame.end(), header.begin(), header.end());
  frame.insert(frame.end(), question.body.begin(), question.body.end());
  frame.insert(frame.end(), question.auth.begin(), question.auth.end());
  return frame;
}

// A service that could not trust the request's header answers with a blank one, whose opcode is
// Ping's and whose provider is the core.
bool is_blank(const ResponseHeader& header) {
  return header.opcode == std::to_underlying(Opcode::Ping) && header.provider == 0;
}

ClientResult<> check_echo(const ResponseHeader& header, const Question& question) {
  if (header.status != std::to_underlying(Status::Success) && is_blank(header)) return {};
  if (header.opcode != std::to_underlying(question.opcode))
    return bad_answer(Status::InvalidHeader,
                      fmt::format("reading the answer: it is for opcode 0x{:x}, not 0x{:x}",
                                  header.opcode, std::to_underlying(question.opcode)));
  if (header.provider != std::to_underlying(question.provider))
    return bad_answer(Status::InvalidHeader,
                      fmt::format("reading the answer: it comes from provider {}, not {}",
                                  header.provider, std::to_underlying(question.provider)));
  if (header.session != 0)
    return bad_answer(Status::InvalidHeader,
                      fmt::format("reading the answer: it belongs to session 0x{:x}, not to none",
                                  header.session));
  return {};
}

ClientResult<> check_status(std::uint16_t number) {
  std::optional<Status> status = status_from(number);
  if (!status)
    return bad_answer(
        Status::InvalidEncoding,
        fmt::format("reading the answer: status {} is not one of the protocol", number));
  if (*status == Status::Success) return {};
  return std::unexpected(
      ClientError(ErrorSource::Service, *status,
                  fmt::format("the service answered {} ({})", number, to_string(*status))));
}

ClientResult<ResponseHeader> receive_header(Connection& connection) {
  HeaderBytes bytes{};
  TRY(connection.receive(bytes));
  Result<ResponseHeader> header = decode_response_header(bytes);
  if (!header)
    return bad_answer(header.error().status(),
                      fmt::format("reading the answer: {}", header.error().message()));
  if (header->content_type != kContentTypeProtobuf)
    return bad_answer(
        Status::ContentTypeNotSupported,
        fmt::format("reading the answer: content type {} is not protobuf", header->content_type));
  return *header;
}

// Grows with what arrives, so that a header alone makes nobody allocate.
ClientResult<SecretBytes> receive_body(Connection& connection, std::size_t size) {
  SecretBytes body;
  while (body.size() < size) {
    std::size_t step = std::min(size - body.size(), kReceiveStep);
    body.resize(body.size() + step);
    TRY(connection.receive(MutableByteView(body).last(step)));
  }
  return body;
}

ClientResult<SecretBytes> receive_answer(Connection& connection, const Question& question,
                                         std::uint32_t max_answer_size) {
  ResponseHeader header = TRY(receive_header(connection));
  TRY(check_echo(header, question));
  TRY(check_status(header.status));
  if (header.body_size > max_answer_size)
    return bad_answer(Status::ResponseTooLarge,
                      fmt::format("reading the answer: it has {} bytes, at most {} are allowed",
                                  header.body_size, max_answer_size));
  return receive_body(connection, header.body_size);
}

}  // namespace

ClientResult<SecretBytes> exchange(Connection& connection, const Question& question,
                                   std::uint32_t max_answer_size) {
  SecretBytes frame = TRY(encode_frame(question));
  ClientResult<> sent = connection.send(frame);
  ClientResult<SecretBytes> answer = receive_answer(connection, question, max_answer_size);
  // A service may answer a request that it refuses and close before it has read all of it.
  bool answered = answer || answer.error().source() != ErrorSource::Connection;
  if (!sent && !answered) return std::unexpected(std::move(sent).error());
  return answer;
}

}  // namespace strongroom::client
