// Operations over data that comes in parts, between their parts.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/error.h"
#include "providers/provider.h"
#include "service/dispatch/parts/strand.h"

namespace strongroom {

// One that was begun and has not ended.
struct OpenOperation {
  struct Hash {
    psa::Hash algorithm;
    std::unique_ptr<HashInParts> state;
  };
  struct Encryption {
    psa::KeyType key;
    std::unique_ptr<EncryptionInParts> state;
  };
  struct Decryption {
    psa::KeyType key;
    std::unique_ptr<DecryptionInParts> state;
  };
  // That it is among those that the key's end finds, as long as it is kept.
  using Note = std::shared_ptr<const void>;
  // Which key it uses, and that it is still this one.
  struct Key {
    std::string name;
    std::uint64_t serial;
    Note note = nullptr;
  };

  std::optional<ApplicationId> application;  // that began it; empty: one that did not say who it is
  std::weak_ptr<Provider> provider;          // a reload may take it away
  std::optional<Key> key;                    // empty for a hash
  std::variant<Hash, Encryption, Decryption> state;
  std::uint64_t next_part = 1;
};

// Those of one connection with one provider. They belong to whoever has the strand's turn, on
// whatever thread: nothing here has a lock. Destroyed, with all they hold wiped, when the
// connection and the last of its requests are gone.
class OpenOperations {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kMost = 8;
  static constexpr std::chrono::seconds kExpiry{60};  // without a part
  struct Entry {
    OpenOperation operation;
    Clock::time_point last_part;
  };
  using Entries = std::map<std::uint64_t, Entry>;
  using Taken = Entries::node_type;

  const std::shared_ptr<Strand>& strand() const noexcept { return strand_; }

  // All that follow: with the turn alone.

  // The identity of the new one, drawn so that none that was heard of elsewhere, or on an earlier
  // connection, is taken for it. PsaErrorInsufficientMemory when there are kMost,
  // PsaErrorInsufficientEntropy.
  Result<std::uint64_t> add(OpenOperation operation, Clock::time_point now);
  // nullptr when there is none, or it is another application's.
  OpenOperation* find(std::uint64_t id, const std::optional<ApplicationId>& application) noexcept;
  // One that is there, while a part of it runs. It ends unless it is put back: whatever the part
  // fails by, an exception included, there is no state between two parts to go on from.
  Taken take(std::uint64_t id) noexcept { return operations_.extract(id); }
  // After a part that went well.
  void put_back(Taken taken, Clock::time_point now);
  void end(std::uint64_t id) noexcept { operations_.erase(id); }
  // Those with the key of that serial.
  void end_those_of(std::uint64_t key);
  void expire(Clock::time_point now);
  std::size_t size() const noexcept { return operations_.size(); }

 private:
  Result<std::uint64_t> new_id() const;

  const std::shared_ptr<Strand> strand_ = std::make_shared<Strand>();
  Entries operations_;
};

// What is kept of a connection from request to request. Belongs to its loop's thread.
class Session {
 public:
  // Those with the provider of that wire id.
  const std::shared_ptr<OpenOperations>& operations(std::uint8_t provider);
  // Ends those that have expired, unless a request is at them, which does so by itself.
  void expire(OpenOperations::Clock::time_point now);

 private:
  std::map<std::uint8_t, std::shared_ptr<OpenOperations>> by_provider_;
};

}  // namespace strongroom
