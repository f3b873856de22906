// What of the service's no token worker may reach, whatever else it may.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace strongroom::token_worker {

// State, configuration, sockets, secrets. What was among them once stays there; a reload may bring
// others. For any thread.
class HiddenFiles {
 public:
  using OnMore = std::function<void()>;

  explicit HiddenFiles(std::vector<std::string> files = {}) : files_(std::move(files)) {}

  std::vector<std::string> all() const;
  // Calls, on this thread, what is to know of it when one of them is new.
  void add(const std::vector<std::string>& files);
  // As long as `whose` is there.
  void on_more(std::weak_ptr<void> whose, OnMore call);

 private:
  mutable std::mutex mutex_;  // guards what follows; not held while anything is called
  std::vector<std::string> files_;
  std::vector<std::pair<std::weak_ptr<void>, OnMore>> calls_;
};

}  // namespace strongroom::token_worker
