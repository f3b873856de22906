// A counter outside of the store that never goes back.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "base/secret_buffer.h"

namespace strongroom {

// What makes it lives outside of the store (service/key_sources/). Used by one thread at a time;
// each call is done, or has failed, within seconds.
class EpochCounter {
 public:
  virtual ~EpochCounter() = default;

  // As the configuration names it.
  virtual const std::string& name() const noexcept = 0;

  // What the store is to keep of a counter that is to be made, a secret. Nothing changes outside.
  virtual Result<SecretBuffer> plan() = 0;
  // Makes it unless that was done, and gives what it stands at; never where another one stood.
  virtual Result<std::uint64_t> establish(ByteView plan) = 0;
  // PsaErrorDoesNotExist, PsaErrorAlreadyExists when it is not there or another one is.
  virtual Result<std::uint64_t> read(ByteView plan) = 0;
  // Who waits for a step: a start, which waits as for the rest; or changes of the store, which it
  // holds up. One that comes too late for these may still be made.
  enum class Waiting { Start, Changes };
  // Counts from `wanted` - 1 to `wanted`, unless it stands there already. What it stands at:
  // another number than `wanted` when it stood elsewhere, and has not counted.
  virtual Result<std::uint64_t> advance(ByteView plan, std::uint64_t wanted, Waiting waiting) = 0;
  // Of no more use.
  virtual Result<> remove(ByteView plan) = 0;
};

}  // namespace strongroom
