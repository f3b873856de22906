#include "client/channel/answer_reader.h"

#include <algorithm>
#include <new>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"

namespace strongroom::client {
namespace {

std::unexpected<ClientError> bad_answer(Status status, std::string_view cause) {
  return std::unexpected(
      ClientError(ErrorSource::Answer, status, fmt::format("reading the answer: {}", cause)));
}

ByteView take_front(ByteView& bytes, std::size_t most) noexcept {
  ByteView front = bytes.first(std::min(most, bytes.size()));
  bytes = bytes.subspan(front.size());
  return front;
}

}  // namespace

ClientResult<std::optional<AnswerReader::Answer>> AnswerReader::read(ByteView& bytes) {
  if (passes_over_) {
    missing_ -= static_cast<std::uint32_t>(take_front(bytes, missing_).size());
    if (missing_ > 0) return std::optional<Answer>();
    passes_over_ = false;
  }
  if (header_size_ < kHeaderSize) {
    ByteView part = take_front(bytes, kHeaderSize - header_size_);
    std::ranges::copy(part, header_bytes_.begin() + static_cast<std::ptrdiff_t>(header_size_));
    header_size_ += part.size();
    if (header_size_ < kHeaderSize) return std::optional<Answer>();
    TRY(begin_body());
  }
  return read_body(bytes);
}

ClientResult<> AnswerReader::begin_body() {
  Result<ResponseHeader> header = decode_response_header(header_bytes_);
  if (!header) return bad_answer(header.error().status(), header.error().message());
  if (header->content_type != kContentTypeProtobuf)
    return bad_answer(Status::ContentTypeNotSupported,
                      fmt::format("content type {} is not protobuf", header->content_type));
  header_ = *header;
  missing_ = header_.body_size;
  return {};
}

std::optional<AnswerReader::Answer> AnswerReader::read_body(ByteView& bytes) noexcept {
  if (header_.body_size > max_size_) return take(Body::TooLarge);
  ByteView part = take_front(bytes, missing_);
  try {
    body_.insert(body_.end(), part.begin(), part.end());
  } catch (const std::bad_alloc&) {
    missing_ -= static_cast<std::uint32_t>(part.size());
    return take(Body::NoMemory);
  }
  missing_ -= static_cast<std::uint32_t>(part.size());
  if (missing_ > 0) return std::nullopt;
  return take(Body::Whole);
}

AnswerReader::Answer AnswerReader::take(Body state) noexcept {
  header_size_ = 0;
  passes_over_ = missing_ > 0;
  SecretBytes body = std::exchange(body_, {});
  if (state != Body::Whole) body = {};
  return {.header = header_, .body = std::move(body), .state = state};
}

}  // namespace strongroom::client
