#include "service/connection/intake/arrived_bytes.h"

#include <algorithm>
#include <utility>

#include "base/secret_buffer.h"
#include "service/connection/connection_settings.h"

namespace strongroom {

std::size_t ArrivedBytes::append(ByteView arrived) {
  const std::size_t taken = std::min(arrived.size(), missing());
  for (ByteView rest = arrived.first(taken); !rest.empty();) {
    if (pages_.empty() || pages_.back().size() == pages_.back().capacity())
      pages_.emplace_back().reserve(std::min(missing(), kBufferStep));
    Bytes& page = pages_.back();
    ByteView piece = rest.first(std::min(rest.size(), page.capacity() - page.size()));
    page.insert(page.end(), piece.begin(), piece.end());
    size_ += piece.size();
    rest = rest.subspan(piece.size());
  }
  return taken;
}

Bytes ArrivedBytes::take() {
  Bytes whole = pages_.size() == 1 ? std::exchange(pages_.front(), {}) : joined();
  clear();
  return whole;
}

Bytes ArrivedBytes::joined() const {
  Bytes whole;
  whole.reserve(size_);
  for (const Bytes& page : pages_)
    whole.insert(whole.end(), page.begin(), page.end());
  return whole;
}

void ArrivedBytes::clear() noexcept {
  for (Bytes& page : pages_)
    wipe(page);
  pages_.clear();
  expected_ = size_ = 0;
}

}  // namespace strongroom
