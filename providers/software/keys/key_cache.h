// Keys in the form OpenSSL computes with. Making one costs as much as a P-256 signature, so those
// in use are kept, and with each the contexts that were made ready for its signatures.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/psa.h"
#include "providers/key_record.h"
#include "providers/software/openssl_handles.h"

namespace strongroom::software {

// What a context for signatures is made ready for.
struct SignatureUse {
  psa::AsymmetricSignature algorithm;
  bool is_signing;  // else verifying
  bool operator==(const SignatureUse&) const = default;
};

// Threads share it, for which OpenSSL is made as long as nobody changes it.
using SharedKey = std::shared_ptr<EVP_PKEY>;

// A context after its init and with all its parameters, and a share of its key. Threads share it
// and only ever duplicate it, which leaves it as it was; computing with it would change it. Who
// duplicates it holds it for longer than the duplicate, so that the key is released after the last
// use by the order of shared_ptr: OpenSSL 3.0 counts down its own references in no order.
using PreparedContext = std::shared_ptr<const EVP_PKEY_CTX>;
PreparedContext shared_context(Owned<EVP_PKEY_CTX> context, SharedKey key);

// At most `capacity` keys, by their records' serials; the one unused for longest makes room. All
// methods may be called from any thread, also while this thread runs out of secret memory.
class KeyCache {
 public:
  explicit KeyCache(std::size_t capacity) noexcept : capacity_(capacity) {}

  // The record's key, from the cache or made now. A record without a serial is not kept.
  Result<SharedKey> key_of(const KeyRecord& record);

  // What was kept for this use of the record's key; null when nothing was, or no longer is.
  PreparedContext prepared_for(const KeyRecord& record, const SignatureUse& use);

  // Keeps `context`, which is for a key from key_of(), as long as it keeps that key. Of a key it
  // keeps kPreparedPerKey, below 1 KiB each; the one kept for longest makes room.
  void keep_prepared(const KeyRecord& record, const SignatureUse& use, PreparedContext context);
  static constexpr std::size_t kPreparedPerKey = 4;

  // Lets go of a destroyed key, and does not keep it again for requests that were on their way.
  void destroy(std::uint64_t serial);

  // Lets go of all keys and says whether there was one.
  bool drop_all() noexcept;

  std::size_t size() const;

  // Runs `operation`, and once more without cached keys if it found no memory.
  template <typename Operation>
  auto with_room(Operation operation) -> decltype(operation()) {
    auto result = operation();
    bool is_out_of_memory =
        !result && result.error().status() == Status::PsaErrorInsufficientMemory;
    if (!is_out_of_memory || !drop_all()) return result;
    return operation();
  }

 private:
  struct Prepared {
    SignatureUse use;
    PreparedContext context;
  };
  // A destroyed key's entry stays, without the key, until it is the oldest.
  struct Entry {
    std::uint64_t serial;
    SharedKey key;
    std::vector<Prepared> prepared;  // oldest first; none without the key
    bool is_destroyed = false;

    void let_go() noexcept;
  };
  using Entries = std::list<Entry>;

  SharedKey cached_key(std::uint64_t serial);
  Entry* find(std::uint64_t serial);
  void keep(std::uint64_t serial, const SharedKey& key);
  Entry& entry_of(std::uint64_t serial);

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  Entries entries_;  // latest use first
  std::unordered_map<std::uint64_t, Entries::iterator> by_serial_;
};

}  // namespace strongroom::software
