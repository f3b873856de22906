// Nonces that the service draws for those who would rather not.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <unordered_map>

#include "base/bytes.h"
#include "base/error.h"

namespace strongroom {

// A nonce has 12 bytes: a random part of 8 and a counter of 4, big-endian. Both are drawn for a key
// at its first use in this process; the counter, which so begins anywhere, goes up by one with each
// nonce and around, and after 2³² nonces both are drawn again. Such a series repeats none.
//
// Nothing is remembered on disk, and of keys only those used last. A key that was forgotten or met
// before a restart begins another series, which may meet an older one only where the random parts
// are equal and the counters overlap: of `n` nonces in `s` series of one key two are equal with a
// probability below s·n/2⁹⁶. That stays under the 2⁻³² of SP 800-38D §8 for 2³² nonces even if each
// were a series of its own, and for 2⁴⁸ if the key is forgotten 65,535 times.
//
// Of the whole process, not of a configuration: a reload must not begin other series. Any thread.
class DrawnNonces {
 public:
  static constexpr std::size_t kSize = 12;  // bytes; what all AEADs of the contract take
  using Nonce = std::array<std::byte, kSize>;

  struct Settings {
    std::size_t keys = 4096;                         // remembered at a time
    std::uint64_t series = std::uint64_t{1} << 32U;  // nonces of one, at most 2³²
  };
  DrawnNonces() : DrawnNonces(Settings()) {}
  explicit DrawnNonces(const Settings& settings) : settings_(settings) {}
  DrawnNonces(const DrawnNonces&) = delete;
  DrawnNonces& operator=(const DrawnNonces&) = delete;

  // For the key with the store's serial `key`. PsaErrorInsufficientEntropy.
  Result<Nonce> draw(std::uint64_t key);

 private:
  struct Series {
    std::uint64_t key;
    Nonce next;
    std::uint64_t left;
  };
  using Recent = std::list<Series>;  // what was used last comes first

  Result<> begin(Series& series) const;
  // With the mutex held.
  Result<Series*> series_of(std::uint64_t key);
  void forget_oldest();

  const Settings settings_;
  std::mutex mutex_;  // guards what follows
  Recent recent_;
  std::unordered_map<std::uint64_t, Recent::iterator> known_;
};

}  // namespace strongroom
