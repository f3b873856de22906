// Requests that must run one after the other, though their workers are many.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace strongroom {

// Gives turns, in the order in which they are asked for: one request at a time has the turn, from
// before it is planned until it has been answered or dropped. What is touched only by whoever has
// the turn needs no lock. Nobody waits in it: a request whose turn has not come is parked here, and
// started by the thread that gives back the turn before, which does no more of it than to put it
// into its lane. Any thread.
class Strand : public std::enable_shared_from_this<Strand> {
 public:
  // Given back when it is destroyed, wherever that is. Keeps its strand.
  class Turn {
   public:
    Turn(Turn&& other) noexcept = default;
    Turn& operator=(Turn&&) = delete;
    ~Turn() { release(); }
    void release() noexcept;

   private:
    friend class Strand;
    explicit Turn(std::shared_ptr<Strand> strand) noexcept : strand_(std::move(strand)) {}
    std::shared_ptr<Strand> strand_;  // empty once it was given back
  };

  // Whether the task runs within submit(), or on another's thread.
  enum class When { AtOnce, Later };
  using Task = std::move_only_function<void(Turn, When)>;

  Strand() = default;
  Strand(const Strand&) = delete;
  Strand& operator=(const Strand&) = delete;

  // Calls `task`, now or later, unless there is no memory to park or start it: then it is destroyed
  // by that exception.
  void submit(Task task);
  // The turn, if nobody has it.
  std::optional<Turn> try_take();

 private:
  void pass_on() noexcept;
  static void start(Task task, Turn turn) noexcept;

  std::mutex mutex_;  // guards what follows; not held while a task is called or destroyed
  bool is_taken_ = false;
  bool is_released_ = false;   // the turn came back while a thread was passing it on
  bool is_passed_on_ = false;  // by a thread that has not yet come back from starting a task
  std::deque<Task> parked_;
};

}  // namespace strongroom
