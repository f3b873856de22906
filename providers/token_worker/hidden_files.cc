#include "providers/token_worker/hidden_files.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace strongroom::token_worker {

std::vector<std::string> HiddenFiles::all() const {
  std::lock_guard lock(mutex_);
  return files_;
}

void HiddenFiles::add(const std::vector<std::string>& files) {
  std::vector<OnMore> calls;
  {
    std::lock_guard lock(mutex_);
    const auto before = files_.size();
    for (const std::string& file : files)
      if (std::ranges::find(files_, file) == files_.end()) files_.push_back(file);
    if (files_.size() == before) return;
    calls.swap(calls_);
  }
  std::erase_if(calls, [](const OnMore& call) { return !call(); });
  std::lock_guard lock(mutex_);
  std::ranges::move(calls, std::back_inserter(calls_));
}

void HiddenFiles::on_more(OnMore call) {
  std::lock_guard lock(mutex_);
  calls_.push_back(std::move(call));
}

}  // namespace strongroom::token_worker
