// Keys in the few slots that a TPM has for them.
#pragma once

#include <functional>
#include <list>

#include "providers/tpm/session/channel.h"

namespace strongroom::tpm {

// Keeps those used last loaded. What has to make room is saved by the TPM's own means first: to
// bring that back costs half of loading a key anew. Belongs to the executor.
class LoadedKeys {
 public:
  // Loads a key from what is stored of it; may use() another.
  using Loader = std::function<Outcome<TPM2_HANDLE>()>;

  // `slots` is the most that are loaded at a time; a TPM with less room says so and is heeded.
  LoadedKeys(Channel& channel, std::size_t slots) noexcept : channel_(channel), slots_(slots) {}

  // The key of that name, loaded. Stands until another is used.
  Outcome<Entity> use(const Bytes& name, const Loader& load);

  // Runs what needs a slot of its own for a moment, with as many keys unloaded as that takes.
  template <typename Operation>
  auto with_room(Operation operation) -> decltype(operation()) {
    for (std::size_t attempt = 0;; ++attempt) {
      auto result = operation();
      bool is_full = !result && result.error().code() == TPM2_RC_OBJECT_MEMORY;
      if (!is_full || attempt > slots_ || !unload_oldest()) return result;
    }
  }

  // The key is destroyed.
  void drop(const Bytes& name);
  // The TPM has lost all it had: nothing is flushed.
  void abandon_all() noexcept;

  std::size_t loaded_count() const noexcept;

 private:
  struct Slot {
    Bytes name;
    FlushedHandle loaded;
    Bytes context;  // empty until it was saved; objects do not change, so it stays right
  };
  static constexpr std::size_t kMostRemembered = 256;

  std::list<Slot>::iterator slot_of(const Bytes& name);
  Outcome<TPM2_HANDLE> bring_in(Slot& slot, const Loader& load);
  bool unload_oldest();

  Channel& channel_;
  std::size_t slots_;
  std::list<Slot> remembered_;  // latest use first
};

}  // namespace strongroom::tpm
