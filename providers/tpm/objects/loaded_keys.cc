#include "providers/tpm/objects/loaded_keys.h"

#include <algorithm>
#include <array>
#include <ranges>

#include "providers/tpm/objects/commands.h"

namespace strongroom::tpm {
namespace {

// Whether a saved context may be bad where the TPM is well: TPM 2.0 r1.59 Part 3 §28.3, after a
// reset among others.
bool is_of_the_context(TSS2_RC code) {
  constexpr std::array kCodes = {TPM2_RC_INTEGRITY, TPM2_RC_HANDLE,    TPM2_RC_SIZE,
                                 TPM2_RC_VALUE,     TPM2_RC_HIERARCHY, TPM2_RC_BAD_CONTEXT};
  return std::ranges::find(kCodes, code) != kCodes.end();
}

}  // namespace

Outcome<Entity> LoadedKeys::use(const Bytes& name, const Loader& load) {
  auto slot = slot_of(name);
  if (!slot->loaded) {
    auto handle = TRY(bring_in(*slot, load));
    slot->loaded = FlushedHandle(channel_, handle);
    remembered_.splice(remembered_.begin(), remembered_, slot);  // a loader may have used others
  }
  return Entity{slot->loaded.handle(), slot->name};
}

// In front: who forgets the last for others that a loader uses does not mean this one.
std::list<LoadedKeys::Slot>::iterator LoadedKeys::slot_of(const Bytes& name) {
  auto found = std::ranges::find(remembered_, name, &Slot::name);
  if (found == remembered_.end()) {
    if (remembered_.size() >= kMostRemembered) remembered_.pop_back();
    remembered_.push_front({name, {}, {}});
    return remembered_.begin();
  }
  remembered_.splice(remembered_.begin(), remembered_, found);
  return found;
}

Outcome<TPM2_HANDLE> LoadedKeys::bring_in(Slot& slot, const Loader& load) {
  while (loaded_count() >= slots_ && unload_oldest()) {
  }
  if (!slot.context.empty()) {
    auto handle = with_room([&] { return load_context(channel_, slot.context); });
    if (handle || !is_of_the_context(handle.error().code())) return handle;
    slot.context.clear();
  }
  return with_room(load);
}

bool LoadedKeys::unload_oldest() {
  for (Slot& slot : std::views::reverse(remembered_)) {
    if (!slot.loaded) continue;
    if (slot.context.empty()) {
      auto saved = save_context(channel_, slot.loaded.handle());
      if (saved) slot.context = *std::move(saved);
    }
    slot.loaded = FlushedHandle();
    return true;
  }
  return false;
}

void LoadedKeys::drop(const Bytes& name) {
  std::erase_if(remembered_, [&](const Slot& slot) { return slot.name == name; });
}

void LoadedKeys::abandon_all() noexcept {
  for (Slot& slot : remembered_)
    slot.loaded.abandon();
  remembered_.clear();
}

std::size_t LoadedKeys::loaded_count() const noexcept {
  return static_cast<std::size_t>(
      std::ranges::count_if(remembered_, [](const Slot& slot) { return bool(slot.loaded); }));
}

}  // namespace strongroom::tpm
