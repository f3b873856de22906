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
  // this call finds it there; whether the key was destroyed before, the caller looks then.
  void note(std::uint64_t key, const std::shared_ptr<OpenOperations>& open);
  // The key is gone. Its operations end now, those of which a part runs when that is over.
  void end(std::uint64_t key);

 private:
  using Places = std::vector<std::weak_ptr<OpenOperations>>;
  void forget_those_that_are_gone();  // with the mutex held

  std::mutex mutex_;  // guards what follows; not held while an operation ends
  std::unordered_map<std::uint64_t, Places> places_;
  std::size_t notes_ = 0;
};

}  // namespace strongroom
