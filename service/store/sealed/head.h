// What the store knows of its records as a whole, so that a record removed, put back or replaced by
// an older one is noticed although each record that is there verifies.
#pragma once

#include <array>
#include <cstdint>

#include "base/error.h"
#include "service/store/sealed/sealing.h"

namespace strongroom {

// A hash of a multiset of rows that one row can be added to or taken from: MSet-Add-Hash (Clarke,
// Devadas, van Dijk, Gassend, Suh: "Incremental Multiset Hash Functions", ASIACRYPT 2003), the sum
// modulo 2^256 of HMAC-SHA-256 of each row under a key derived from the store key.
//
// Why this is sound. To those without the key the addends are random, so that two different
// multisets fixed without it have one sum with a probability of 2^-256, or 2^-(256-k) when all
// multiplicities differ by multiples of 2^k; the head's record count keeps k below 64. Attacks on
// unkeyed additive hashes (generalized birthday) need addends that one can compute. The sum is only
// stored encrypted, hence the random offset that the paper adds to hide it is not needed; an
// attacker learns of each guess one bit, at a start of the daemon.
class MultisetHash {
 public:
  static constexpr std::size_t kSize = 32;
  using Octets = std::array<std::byte, kSize>;

  MultisetHash() noexcept = default;
  explicit MultisetHash(const Octets& octets) noexcept : sum_(octets) {}
  void add(const Sealer::Mac& element) noexcept;
  void remove(const Sealer::Mac& element) noexcept;
  // Big-endian.
  const Octets& octets() const noexcept { return sum_; }
  bool operator==(const MultisetHash&) const = default;

 private:
  Octets sum_{};
};

// Sealed into meta row 'head' in the transaction of each change: salt (32) ‖ sealed. Plaintext,
// integers big-endian: u8 format 3, u64 generation, u64 records, u64 unreadable, u64 last_serial,
// u64 epoch, 32 bytes of multiset hash. Format 2, which is read as well, has no epoch.
struct Head {
  std::uint64_t generation = 0;   // counts transactions
  std::uint64_t records = 0;      // rows the hash is over: all there are
  std::uint64_t unreadable = 0;   // of these, the ones accepted although they do not verify
  std::uint64_t last_serial = 0;  // the greatest ever given; serials are never used twice
  std::uint64_t epoch = 0;        // keying/rollback_guard.h; 0 where none has begun
  MultisetHash rows;
  bool operator==(const Head&) const = default;
};

Result<Bytes> seal_head(const Sealer& sealer, const Head& head);
// PsaErrorDataCorrupt.
Result<Head> unseal_head(const Sealer& sealer, ByteView stored);

}  // namespace strongroom
