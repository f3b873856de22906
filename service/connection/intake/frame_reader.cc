#include "service/connection/intake/frame_reader.h"

#include <algorithm>

#include "base/secret_buffer.h"

namespace strongroom {

Result<std::size_t> FrameReader::take(ByteView arrived, const RequestServer& server) {
  std::size_t taken = 0;
  if (!header_) taken = TRY(take_header(arrived, server));
  if (!header_) return taken;
  taken += body_.append(arrived.subspan(taken));
  taken += auth_.append(arrived.subspan(taken));
  return taken;
}

Result<std::size_t> FrameReader::take_header(ByteView arrived, const RequestServer& server) {
  ByteView piece = arrived.first(std::min(arrived.size(), kHeaderSize - header_size_));
  std::ranges::copy(piece, MutableByteView(header_bytes_).subspan(header_size_).begin());
  header_size_ += piece.size();
  header_ = TRY(server.admit(ByteView(header_bytes_).first(header_size_)));
  if (header_) {
    body_.expect(header_->body_size);
    auth_.expect(header_->auth_size);
  }
  return piece.size();
}

std::size_t FrameReader::announced() const noexcept {
  return header_ ? std::size_t{header_->body_size} + header_->auth_size : 0;
}

Request FrameReader::finish() {
  Request request{
      .header = header_.value_or(RequestHeader()), .body = body_.take(), .auth = auth_.take()};
  clear();
  return request;
}

void FrameReader::clear() noexcept {
  header_.reset();
  header_size_ = 0;
  body_.clear();
  auth_.clear();
}

}  // namespace strongroom
