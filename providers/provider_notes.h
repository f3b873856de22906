// What a provider writes down for itself.
#pragma once

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
  // In the place of what stood there before; when that is cut short, there may be none.
  virtual void keep(std::string_view note, SecretBuffer content, Done done) = 0;
  // Succeeds when there is none.
  virtual void forget(std::string_view note, Done done) = 0;
};

}  // namespace strongroom
