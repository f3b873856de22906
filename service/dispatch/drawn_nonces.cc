#include "service/dispatch/drawn_nonces.h"

#include <algorithm>

#include "base/secret_buffer.h"

namespace strongroom {
namespace {

constexpr std::size_t kCounterSize = 4;

// Big-endian and around: bytes that overflow carry into those before them.
void count_up(MutableByteView counter) noexcept {
  for (std::size_t i = counter.size(); i-- > 0;) {
    counter[i] = static_cast<std::byte>(std::to_integer<unsigned>(counter[i]) + 1U);
    if (counter[i] != std::byte{0}) return;
  }
}

}  // namespace

Result<DrawnNonces::Nonce> DrawnNonces::draw(std::uint64_t key) {
  const std::lock_guard lock(mutex_);
  Series* series = TRY(series_of(key));
  if (series->left == 0) TRY(begin(*series));
  const Nonce nonce = series->next;
  count_up(MutableByteView(series->next).last(kCounterSize));
  --series->left;
  return nonce;
}

Result<> DrawnNonces::begin(Series& series) const {
  SecretBuffer random = TRY(in_context(SecretBuffer::random(kSize), "drawing a nonce"));
  std::ranges::copy(random.reveal(), series.next.begin());
  series.left = settings_.series;
  return {};
}

Result<DrawnNonces::Series*> DrawnNonces::series_of(std::uint64_t key) {
  if (const auto found = known_.find(key); found != known_.end()) {
    recent_.splice(recent_.begin(), recent_, found->second);
    return &recent_.front();
  }
  Recent fresh;
  fresh.push_back({.key = key, .next = {}, .left = 0});
  TRY(begin(fresh.front()));
  known_.emplace(key, fresh.begin());
  recent_.splice(recent_.begin(), fresh);
  if (recent_.size() > settings_.keys) forget_oldest();
  return &recent_.front();
}

void DrawnNonces::forget_oldest() {
  known_.erase(recent_.back().key);
  recent_.pop_back();
}

}  // namespace strongroom
