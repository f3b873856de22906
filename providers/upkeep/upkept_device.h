// A device as whoever keeps it in use sees it.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "providers/upkeep/refused_secret.h"

namespace strongroom {

// Belongs to the thread that its DeviceThread runs.
class UpkeptDevice {
 public:
  // Tries it, with what it has to be told to serve, so that whatever it has lost shows. Fails for
  // another device than the one pinned.
  virtual Result<> look() = 0;

  // What tells it from others: pinned, or as it was found; empty while nobody knows.
  virtual Bytes identity() = 0;
  virtual std::string text_of(const Bytes& identity) const = 0;
  // What identity() must be; empty: whichever is found next.
  virtual void pin(Bytes identity) = 0;

  // What an operator should know of it although it serves; empty: nothing.
  virtual std::string remark() const { return {}; }

  // What it has refused, which is not tried again.
  virtual std::optional<RefusedSecret> refused() = 0;
  virtual void refuse(std::optional<RefusedSecret> secret) = 0;
  // What was noted of a secret that was handed to it, and nobody has learnt what came of it.
  virtual void recall_attempt(ByteView) {}
  // An administrator has it tried again, whatever was refused.
  virtual void unlock() = 0;

  // For any thread: nobody is to wait for it any longer, where that can be helped.
  virtual void close() {}

 protected:
  ~UpkeptDevice() = default;
};

// What a kind of device, and of what belongs to it, is called. The names of the notes are stored.
struct DeviceWords {
  std::string_view component;  // in the log
  std::string_view device;
  std::string_view identity;
  std::string_view identity_note;
  std::string_view secret;
  std::string_view refusal_note;
  std::string_view attempt_note{};  // empty for a device that fails for no other reason
};

// For any thread.
class DeviceThread {
 public:
  using Clock = std::chrono::steady_clock;
  using Job = std::move_only_function<void(UpkeptDevice&)>;

  virtual ~DeviceThread() = default;
  // Runs `job` some time; not before `when`, and behind what is there to be done by then.
  virtual void post(Job job, Clock::time_point when) = 0;
  // Whether the device keeps somebody waiting for longer than it should.
  virtual bool is_overdue() const = 0;
  // Nobody waits for the device any longer; what was posted and has not begun is destroyed with all
  // that it holds, and so is what will be posted.
  virtual void close() = 0;
};

}  // namespace strongroom
