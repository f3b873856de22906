// Messages over a socket, on either side of it.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/error.h"
#include "base/unique_fd.h"
#include "providers/token_worker/protocol/wiped_bytes.h"

namespace strongroom::token_worker {

// One end of a stream of messages, each the length of its content and its kind, and then that. The
// two ends take turns, so that nothing may follow a message that was not asked for. Nothing is
// allocated for a message that is longer than the limit. A failure is the end: what is left on the
// socket then is of no use. Used by one thread at a time.
class Link {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr Clock::time_point kNever = Clock::time_point::max();

  Link(UniqueFd socket, std::size_t limit) noexcept : socket_(std::move(socket)), limit_(limit) {}

  // Lets messages be so long from here on.
  void allow(std::size_t limit) noexcept { limit_ = limit; }

  // A message, whose content is to be put into `message`.
  static void begin(WipedBytes& message, std::uint16_t kind);
  // PsaErrorInsufficientMemory when it is too long, which leaves the link as it is;
  // PsaErrorCommunicationFailure when that has failed, or was not done by then.
  Result<> send(WipedBytes& message, Clock::time_point deadline);

  struct Received {
    std::uint16_t kind;
    ByteView content;  // in the buffer
  };
  // PsaErrorCommunicationFailure for the end of the stream, too.
  Result<Received> receive(WipedBytes& buffer, Clock::time_point deadline);

  // Whether the last failure was the other end's orderly end between two messages.
  bool has_ended() const noexcept { return has_ended_; }
  // Whether the other end waits for a message, as it should; costs one system call.
  bool is_quiet() const noexcept;

 private:
  Result<> wait(short events, Clock::time_point deadline) const;
  Result<> receive_some(WipedBytes& buffer, std::size_t most, Clock::time_point deadline);

  UniqueFd socket_;
  std::size_t limit_;
  bool has_ended_ = false;
};

}  // namespace strongroom::token_worker
