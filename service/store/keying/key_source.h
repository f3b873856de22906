// Where the secret comes from that the store key is wrapped under.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "base/secret_buffer.h"

namespace strongroom {

// Input keying material for the store: 32 to 4,096 bytes that always are the same. What makes them
// lives outside of the store (service/key_sources/). Used by one thread, while nothing is served.
class StoreKeySource {
 public:
  static constexpr std::size_t kLeastMaterial = 32;
  static constexpr std::size_t kMostMaterial = 4096;

  virtual ~StoreKeySource() = default;

  // As the configuration has it, "file:/var/lib/strongroom/store.key". Stored with what is wrapped,
  // for messages: nothing is read or run because a store says so.
  virtual const std::string& name() const noexcept = 0;

  // Whether there may be a store that it opens: one that is missing is not made anew then, unless
  // that is asked for. Only a source that leaves a trace of its own can deny it.
  virtual bool may_have_been_used() const = 0;

  struct Provided {
    SecretBuffer material;
    Bytes kept;  // what read() needs; stands in the store, where anybody may read or change it
  };
  // For a store or a wrap that is being made: makes the secret where there is none, durably.
  virtual Result<Provided> provide() = 0;

  // KeyInfoManagerError that says what is wrong with the source, and what to do.
  virtual Result<SecretBuffer> read(ByteView kept) = 0;

  // Removes what it has made outside of the store.
  virtual Result<> forget() { return {}; }
};

// "file" of "file:/…".
inline std::string_view kind_of_source(std::string_view name) noexcept {
  return name.substr(0, name.find(':'));
}

}  // namespace strongroom
