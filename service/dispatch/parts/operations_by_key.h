// Which operations in parts use a key, for when it is destroyed.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "service/dispatch/parts/open_operations.h"

namespace strongroom {

// An operation holds its key's schedule: it must not outlive the key, however idle its connection
// is. Of the whole process; any thread.
class OperationsByKey {
 public:
  OperationsByKey() = default;
  OperationsByKey(const OperationsByKey&) = delete;
  OperationsByKey& operator=(const OperationsByKey&) = delete;

  // An operation with the key of this serial is going to be among `open`. What is destroyed after
  // this call finds it there; whether the key was destroyed before, the caller looks then. The
  // operation keeps the note: without it nothing is remembered, or whoever begins operations with
  // many keys and ends them would have all of them remembered.
  OpenOperation::Note note(std::uint64_t key, const std::shared_ptr<OpenOperations>& open);
  // The key is gone. Its operations end now, those of which a part runs when that is over.
  void end(std::uint64_t key);
  // What is remembered.
  std::size_t size() const;

 private:
  struct Place {
    std::weak_ptr<const void> note;
    std::weak_ptr<OpenOperations> open;
  };
  using Places = std::vector<Place>;
  static bool is_gone(const Place& place) noexcept { return place.note.expired(); }
  void forget_those_that_are_gone();  // with the mutex held

  mutable std::mutex mutex_;  // guards what follows; not held while an operation ends
  std::unordered_map<std::uint64_t, Places> places_;
  std::size_t notes_ = 0;
};

}  // namespace strongroom
