// The client's parser: answers out of a stream of bytes from whoever is at the other end.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "protocol/frame.h"
#include "strongroom/client_error.h"
#include "strongroom/secret_bytes.h"

namespace strongroom::client {

// Total for whatever arrives, in whatever pieces. Memory grows with the bytes that came, never with
// what a header announces, and is wiped when it goes.
class AnswerReader {
 public:
  enum class Body : std::uint8_t { Whole, TooLarge, NoMemory };
  struct Answer {
    ResponseHeader header;
    SecretBytes body;
    Body state;  // not Whole: what has come of the body is gone, and what comes is passed over
  };

  explicit AnswerReader(std::uint32_t max_answer_size) noexcept : max_size_(max_answer_size) {}

  // Takes bytes off the front of `bytes` until an answer is complete; nullopt when they do not
  // suffice. A body of more than `max_answer_size` bytes is told at once. After an error (source
  // Answer) nobody knows where the next answer begins: the stream is of no more use.
  ClientResult<std::optional<Answer>> read(ByteView& bytes);

 private:
  ClientResult<> begin_body();
  std::optional<Answer> read_body(ByteView& bytes) noexcept;
  Answer take(Body state) noexcept;

  std::uint32_t max_size_;
  HeaderBytes header_bytes_{};
  std::size_t header_size_ = 0;  // how much of it is there
  ResponseHeader header_;
  std::uint32_t missing_ = 0;  // bytes of the body that have not come
  bool passes_over_ = false;   // and are not wanted
  SecretBytes body_;
};

}  // namespace strongroom::client
