// Turns a fuzzer's bytes into choices. Once they are used up every choice is the first one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace strongroom::testing {

class FuzzInput {
 public:
  FuzzInput(const std::uint8_t* data, std::size_t size) noexcept : rest_(data, size) {}

  bool is_empty() const noexcept { return rest_.empty(); }
  char byte() noexcept { return static_cast<char>(take()); }
  bool flip() noexcept { return (take() & 1) != 0; }
  // True rarely, and never once the input is used up.
  bool one_in(unsigned n) noexcept { return take() % n == n - 1; }
  // Less than `limit`, which is at most 65,536 and not 0.
  std::size_t below(std::size_t limit) noexcept {
    std::size_t high = limit > 256 ? take() : 0U;
    return (high << 8 | take()) % limit;
  }
  // Small numbers, sizes of keys and digests, and now and then anything.
  std::uint32_t number() noexcept {
    constexpr std::uint32_t kUsual[] = {0,   1,   12,  16,  128,  192, 255,
                                        256, 384, 512, 521, 2048, 3072};
    std::size_t choice = below(std::size(kUsual) + 1);
    if (choice < std::size(kUsual)) return kUsual[choice];
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i)
      value = value << 8 | take();
    return value;
  }
  std::string text(std::size_t size) {
    auto taken = rest_.first(std::min(size, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return {taken.begin(), taken.end()};
  }

 private:
  std::uint8_t take() noexcept {
    if (rest_.empty()) return 0;
    std::uint8_t first = rest_.front();
    rest_ = rest_.subspan(1);
    return first;
  }

  std::span<const std::uint8_t> rest_;
};

}  // namespace strongroom::testing
