#include "providers/token_worker/hidden_files.h"

#include <algorithm>
#include <utility>

namespace strongroom::token_worker {

std::vector<std::string> HiddenFiles::all() const {
  std::lock_guard lock(mutex_);
  return files_;
}

void HiddenFiles::add(const std::vector<std::string>& files) {
  std::vector<std::pair<std::weak_ptr<void>, OnMore>> calls;
  {
    std::lock_guard lock(mutex_);
    const auto before = files_.size();
    for (const std::string& file : files)
      if (std::ranges::find(files_, file) == files_.end()) files_.push_back(file);
    if (files_.size() == before) return;
    calls = calls_;
  }
  for (const auto& [whose, call] : calls)
    if (const auto alive = whose.lock()) call();
}

void HiddenFiles::on_more(std::weak_ptr<void> whose, OnMore call) {
  std::lock_guard lock(mutex_);
  std::erase_if(calls_, [](const auto& each) { return each.first.expired(); });
  calls_.emplace_back(std::move(whose), std::move(call));
}

}  // namespace strongroom::token_worker
