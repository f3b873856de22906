// What tells the objects of one installation's provider from all others in a token that they share.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/error.h"
#include "providers/provider_notes.h"

namespace strongroom::pkcs11 {

// CKA_LABEL for Access::Creation: random, and noted before it is first used, so that it stays the
// same; without the note objects from before count as somebody else's, and are left alone when
// leftovers are looked for. For any thread.
class InstallationLabel {
 public:
  // Where it is noted. Until then there is none.
  void begin(std::shared_ptr<ProviderNotes> notes);
  // Waits for the store, but not for long.
  Result<std::string> get();

 private:
  std::mutex mutex_;  // guards what follows; not held while the store is asked
  std::shared_ptr<ProviderNotes> notes_;
  std::optional<std::string> label_;
};

}  // namespace strongroom::pkcs11
