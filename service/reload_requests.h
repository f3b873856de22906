// The wishes of administrators for another configuration, on their way to the thread that reloads.
#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "service/dispatch/reloads.h"

namespace strongroom {

class ReloadRequests final : public Reloads {
 public:
  // `wake` tells the thread that reloads, from any thread.
  explicit ReloadRequests(std::function<void()> wake) : wake_(std::move(wake)) {}

  void ask(Done done) override;

  // The thread that reloads: those who wait, to be answered after the reload that begins now.
  std::vector<Done> take();
  // Drops who waits, and who comes.
  void close();

 private:
  const std::function<void()> wake_;
  std::mutex mutex_;  // guards what follows
  std::vector<Done> waiting_;
  bool is_closed_ = false;
};

}  // namespace strongroom
