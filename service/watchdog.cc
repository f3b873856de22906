#include "service/watchdog.h"

#include <utility>

namespace strongroom {

Watchdog::Watchdog(std::vector<Watched> threads) {
  for (Watched& watched : threads)
    threads_.push_back(
        {.watched = std::move(watched), .has_answered = std::make_shared<std::atomic<bool>>(true)});
}

std::vector<std::string> Watchdog::silent() {
  std::vector<std::string> names;
  for (Thread& thread : threads_) {
    if (!thread.has_answered->exchange(false)) {
      names.push_back(thread.watched.name);
      continue;
    }
    thread.watched.post([answered = thread.has_answered] { answered->store(true); });
  }
  return names;
}

}  // namespace strongroom
