// What the service asks of its spawner, and the answers: one packet each, over a socket pair. Both
// are the same program.
#pragma once

#include <cstdint>

namespace strongroom::spawner {

struct Request {
  enum class Kind : std::uint32_t {
    Start,   // the packet brings the socket
    Kill,    // and tell how it ended
    LetEnd,  // and kill it when that takes long
  };
  Kind kind;
  std::int32_t pid;
  std::uint64_t number = 0;  // which comes back with the answer
};

struct Answer {
  std::int32_t error;  // an errno, of Start; ESRCH for a worker that is none; 0
  std::int32_t pid;
  std::int32_t status;  // of waitpid()
  Request::Kind kind{};
  std::uint64_t number = 0;
};

}  // namespace strongroom::spawner
