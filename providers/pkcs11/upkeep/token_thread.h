// The thread on which a token is looked after.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "providers/upkeep/upkept_device.h"

namespace strongroom::pkcs11 {

// Runs one job after the other. A module may hold it up for as long as it likes; requests go their
// own ways.
class TokenThread final : public DeviceThread {
 public:
  // ConnectionError when the system has no thread to give.
  static Result<std::shared_ptr<TokenThread>> start(std::shared_ptr<UpkeptDevice> device);
  ~TokenThread() override { end(); }
  TokenThread(const TokenThread&) = delete;
  TokenThread& operator=(const TokenThread&) = delete;

  void post(Job job, Clock::time_point when) override;
  // Whoever waits for a token has a limit of their own.
  bool is_overdue() const override { return false; }
  void close() override;
  // Nothing of the token's is in use afterwards, unless a module holds the thread up, which is left
  // to itself; or a job calls this, which may be the last to hold it. Not for two threads at once.
  void end();

 private:
  // The thread's, too, which may outlive this object.
  struct Shared {
    explicit Shared(std::shared_ptr<UpkeptDevice> kept) : device(std::move(kept)) {}
    // Empty when the thread is to end.
    Job next();
    void work();
    void drop_jobs();

    const std::shared_ptr<UpkeptDevice> device;
    std::mutex mutex;  // guards what follows
    std::condition_variable changed;
    std::multimap<Clock::time_point, Job> jobs;
    bool is_closed = false;
    bool is_stopping = false;
    bool has_ended = false;
  };

  explicit TokenThread(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

  const std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

}  // namespace strongroom::pkcs11
