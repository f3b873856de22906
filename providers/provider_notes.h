// What a provider writes down for itself.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/secret_buffer.h"

namespace strongroom {

// The notes of one provider, in the store: sealed, and missed when somebody takes one away. Any
// thread. Once the service has closed them everything fails with ConnectionError.
class ProviderNotes {
 public:
  // Called once, on a thread of the store or before the call returns; success means durable.
  // Dropped when the store is closed first.
  using Done = std::move_only_function<void(Result<>)>;

  virtual ~ProviderNotes() = default;
  // May read the disk. PsaErrorDataCorrupt for a note that does not verify.
  virtual Result<std::optional<SecretBuffer>> recall(std::string_view note) = 0;
  // In the place of what stood there before, which stays when this fails or is cut short.
  virtual void keep(std::string_view note, SecretBuffer content, Done done) = 0;
  // Succeeds when there is none.
  virtual void forget(std::string_view note, Done done) = 0;

  // What it means that a note is not there, which is kept before the provider has keys.
  enum class Absence {
    NeverKept,
    Lost,         // there are keys of the provider, or somebody has changed the store
    NotKnownYet,  // the store is looked at; to be asked again
  };
  virtual Result<Absence> absence() = 0;
};

// Keeps it durably before this returns, or fails; ConnectionError after `patience` without an
// answer, whatever comes of it then. Not on a thread that the store waits for.
Result<> keep_and_wait(ProviderNotes& notes, std::string_view note, SecretBuffer content,
                       std::chrono::milliseconds patience);

}  // namespace strongroom
