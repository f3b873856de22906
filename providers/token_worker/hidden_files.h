// What of the service's no token worker may reach, whatever else it may.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace strongroom::token_worker {

// State, configuration, sockets, secrets. What was among them once stays there; a reload may bring
// others. For any thread.
class HiddenFiles {
 public:
  // False when it need not be called again.
  using OnMore = std::function<bool()>;

  explicit HiddenFiles(std::vector<std::string> files = {}) : files_(std::move(files)) {}

  std::vector<std::string> all() const;
  // Calls, on this thread, what is to know of it when one of them is new.
  void add(const std::vector<std::string>& files);
  void on_more(OnMore call);

 private:
  mutable std::mutex mutex_;  // guards what follows; not held while anything is called
  std::vector<std::string> files_;
  std::vector<OnMore> calls_;
};

}  // namespace strongroom::token_worker
