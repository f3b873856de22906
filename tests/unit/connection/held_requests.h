// Requests that wait for a test to answer them.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "tests/unit/connection/scripted_server.h"

namespace strongroom::testing {

// Any thread.
class HeldRequests {
 public:
  struct Held {
    Request request;
    std::stop_token gone;
    Respond respond;
  };

  ScriptedServer::Script script() {
    return [this](Request request, std::stop_token gone, Respond respond) {
      std::lock_guard lock(mutex_);
      held_.push_back({std::move(request), std::move(gone), std::move(respond)});
      changed_.notify_all();
    };
  }

  // Whether there are as many within some seconds.
  bool become(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(5), [&] { return held_.size() >= count; });
  }
  std::size_t size() const {
    std::lock_guard lock(mutex_);
    return held_.size();
  }
  // The one of that session, which must be there.
  Held take(std::uint64_t session) {
    std::lock_guard lock(mutex_);
    auto found = std::ranges::find(held_, session,
                                   [](const Held& held) { return held.request.header.session; });
    Held held = std::move(*found);
    held_.erase(found);
    return held;
  }
  void answer(std::uint64_t session) {
    Held held = take(session);
    held.respond(ScriptedServer::response_to(held.request));
  }
  void drop_all() {
    std::vector<Held> dropped;
    std::lock_guard lock(mutex_);
    dropped.swap(held_);
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Held> held_;
};

}  // namespace strongroom::testing
