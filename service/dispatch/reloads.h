// How an operation asks the process for another configuration.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace strongroom {

struct ReloadOutcome {
  bool is_applied = false;
  std::uint64_t generation = 0;  // of the configuration in force
  std::string message;           // what has changed, or why nothing has
};

// Any thread.
class Reloads {
 public:
  using Done = std::move_only_function<void(const ReloadOutcome&)>;

  virtual ~Reloads() = default;
  // Of a reload that begins after this call. `done` is called once, on the thread that reloads; it
  // is dropped when the service stops first.
  virtual void ask(Done done) = 0;
};

}  // namespace strongroom
