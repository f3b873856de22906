// The descriptors that a client has open, for a child of fork() to close.
#pragma once

#include <array>
#include <atomic>
#include <sys/types.h>

#include "client/channel/multiplexer.h"

namespace strongroom::client {

// Changed by one thread at a time. A child that was forked meanwhile finds whole entries.
class DescriptorList {
 public:
  // A socket or an end of a pipe: what has an inode of its own.
  void add(int descriptor) noexcept;
  void remove(int descriptor) noexcept;
  // In a child. Those that are not the same any more, because the program closed all it inherited
  // and opened others, are left alone.
  void close_all() noexcept;

 private:
  struct Entry {
    std::atomic<int> descriptor = -1;  // set last; -1: free
    std::atomic<dev_t> device = 0;
    std::atomic<ino_t> inode = 0;
  };

  std::array<Entry, Multiplexer::kMostChannels + 2> entries_;
};

}  // namespace strongroom::client
