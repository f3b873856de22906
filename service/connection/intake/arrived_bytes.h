// A body or auth field while it arrives.
#pragma once

#include <vector>

#include "base/bytes.h"

namespace strongroom {

// Holds what arrived, in pages of at most kBufferStep: an announced size costs nothing until its
// bytes come, and growing never leaves a copy behind. Wiped on release.
class ArrivedBytes {
 public:
  ArrivedBytes() = default;
  ~ArrivedBytes() { clear(); }
  ArrivedBytes(const ArrivedBytes&) = delete;
  ArrivedBytes& operator=(const ArrivedBytes&) = delete;

  // How many bytes it will be in the end; it is empty now.
  void expect(std::size_t size) noexcept { expected_ = size; }
  // Takes from the front of `arrived` what is missing; returns how many bytes.
  std::size_t append(ByteView arrived);

  std::size_t missing() const noexcept { return expected_ - size_; }
  // In one piece; empties this.
  Bytes take();
  void clear() noexcept;

 private:
  Bytes joined() const;

  std::vector<Bytes> pages_;  // all but the last are full
  std::size_t expected_ = 0;
  std::size_t size_ = 0;
};

}  // namespace strongroom
