// How values are laid into messages, and taken out again: numbers as this machine has them, because
// both ends are programs of one build on it; what has a length behind that, in 32 bits.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/bytes.h"
#include "providers/token_worker/protocol/wiped_bytes.h"

namespace strongroom::token_worker {

class Writer {
 public:
  explicit Writer(WipedBytes& out) noexcept : out_(out) {}

  template <typename T>
    requires(std::is_integral_v<T> || std::is_enum_v<T>)
  void put(T number) {
    out_.append(std::as_bytes(std::span(&number, 1)));
  }
  void put(ByteView bytes) {
    put(static_cast<std::uint32_t>(bytes.size()));
    out_.append(bytes);
  }
  void put(const Bytes& bytes) { put(ByteView(bytes)); }
  void put(std::string_view text) { put(view_of(text)); }
  void put(const std::string& text) { put(view_of(text)); }
  void put(const SecretBuffer& secret) { put(secret.reveal()); }
  void put(std::chrono::milliseconds time) { put(std::int64_t{time.count()}); }
  template <std::size_t N>
  void put(const std::array<std::byte, N>& bytes) {
    out_.append(bytes);
  }
  template <typename T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put_value(*this, *value);
  }
  template <typename T>
    requires(!std::is_same_v<T, std::byte>)
  void put(const std::vector<T>& values) {
    put(static_cast<std::uint32_t>(values.size()));
    for (const T& value : values)
      put_value(*this, value);
  }

 private:
  WipedBytes& out_;
};

// What a Writer can put by itself; other types have a put_value() of their own.
template <typename T>
auto put_value(Writer& writer, const T& value) -> decltype(writer.put(value)) {
  return writer.put(value);
}

// Reads foreign bytes. What is not there or makes no sense yields anything, and fails the reader,
// once and for all; is_complete() is to be asked before any of it is used.
class Reader {
 public:
  explicit Reader(ByteView bytes) noexcept : rest_(bytes) {}

  bool has_failed() const noexcept { return has_failed_; }
  // Everything was there, and nothing else.
  bool is_complete() const noexcept { return !has_failed_ && rest_.empty(); }
  void fail() noexcept {
    has_failed_ = true;
    rest_ = {};
  }

  template <typename T>
    requires std::is_integral_v<T>
  T number() noexcept {
    T value{};
    if constexpr (std::is_same_v<T, bool>) {
      std::uint8_t octet = number<std::uint8_t>();
      if (octet > 1) fail();
      value = octet == 1;
    } else {
      const ByteView bytes = take(sizeof(T));
      if (bytes.size() == sizeof(T)) std::memcpy(&value, bytes.data(), sizeof(T));
    }
    return value;
  }
  // Of an enumeration without gaps.
  template <typename T>
    requires std::is_enum_v<T>
  T enumerator(T first, T last) noexcept {
    auto number = this->number<std::underlying_type_t<T>>();
    if (number < static_cast<decltype(number)>(first) ||
        number > static_cast<decltype(number)>(last)) {
      fail();
      return first;
    }
    return static_cast<T>(number);
  }
  // Within the message.
  ByteView bytes() noexcept { return take(number<std::uint32_t>()); }
  std::string_view text() noexcept { return text_of(bytes()); }
  SecretBuffer secret() noexcept {
    auto copy = SecretBuffer::copy_of(bytes());
    if (copy) return *std::move(copy);
    fail();
    return {};
  }
  std::chrono::milliseconds time() noexcept {
    return std::chrono::milliseconds(number<std::int64_t>());
  }
  template <std::size_t N>
  std::array<std::byte, N> array() noexcept {
    std::array<std::byte, N> value{};
    const ByteView bytes = take(N);
    if (bytes.size() == N) std::ranges::copy(bytes, value.begin());
    return value;
  }
  // `take_one` yields a T; each takes at least one byte of the message, so that a number of them
  // that cannot be is no reason to ask for memory.
  template <typename T, typename TakeOne>
  std::vector<T> list(TakeOne take_one) {
    const auto count = number<std::uint32_t>();
    std::vector<T> values;
    if (count > rest_.size()) fail();
    for (std::uint32_t i = 0; i < count && !has_failed_; ++i)
      values.push_back(take_one(*this));
    return values;
  }
  template <typename T, typename TakeOne>
  std::optional<T> optional(TakeOne take_one) {
    if (!number<bool>()) return std::nullopt;
    return take_one(*this);
  }

 private:
  ByteView take(std::size_t count) noexcept {
    if (count > rest_.size()) {
      fail();
      return {};
    }
    const ByteView taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

  ByteView rest_;
  bool has_failed_ = false;
};

}  // namespace strongroom::token_worker
