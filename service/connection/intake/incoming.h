// One read from a socket.
#pragma once

#include "base/bytes.h"

namespace strongroom {

struct Incoming {
  enum class Kind {
    Arrived,
    Nothing,      // now; there may be more
    EndOfStream,  // the peer will not write any more
    PeerGone,     // the connection is broken
  };
  Kind kind;
  MutableByteView bytes;  // in the buffer given, not empty when the kind is Arrived
};

// Does not wait.
Incoming receive_from(int socket, MutableByteView buffer) noexcept;

}  // namespace strongroom
