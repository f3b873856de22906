// What administrators are told: how the service is, what came of a reload, what a check of the key
// store found.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace strongroom {

struct ReloadReport {
  enum class Outcome : std::uint8_t { Applied, Refused };
  Outcome outcome;
  std::chrono::sys_seconds at;
  std::string message;
};

// What came of a reload that was asked for.
struct ReloadAnswer {
  ReloadReport::Outcome outcome;
  // Of the configuration in force, as ServiceStatus::configuration_generation counts.
  std::uint64_t generation = 0;
  std::string message;  // what has changed, or why nothing has
};

// What a look at the whole key store found that is not plain.
struct StoreFinding {
  enum class Kind : std::uint8_t {
    Unknown,
    DatabaseDamaged,
    HeadUnreadable,
    HeadDiffers,    // a row was inserted, edited, removed, put back or replaced by an older one
    Unreadable,     // a record that does not verify
    Pending,        // a key whose making was cut short; the service finishes it
    Destroying,     // a key whose destroying was cut short; likewise
    NotCompared,    // a provider whose device does not serve
    ObjectMissing,  // a key whose object is not in the device any more
    ObjectDiffers,  // a key in whose place the device has another
    OrphanObject,   // in the device, made by the service, and of no key
  };
  Kind kind = Kind::Unknown;
  std::string text;  // for people
  std::string
      subject;  // by which Client::repair_store() is told of it; empty: it cannot be repaired
};

struct StoreCheckAnswer {
  std::uint64_t records = 0;
  std::uint64_t verified = 0;
  std::vector<StoreFinding> findings;
  std::uint64_t left_out = 0;  // findings that are not told, because there are too many
  bool is_accepted = false;
  std::uint64_t repaired = 0;         // of those asked for; these are no findings any more
  std::vector<StoreFinding> repairs;  // what these were, as far as the answer had room
};

// What one side of the service holds.
struct ServiceLoad {
  std::uint64_t principals = 0;
  std::uint64_t connections = 0;
  std::uint64_t requests = 0;        // read, waiting, running or not answered in full
  std::uint64_t buffered_bytes = 0;  // of these, and of answers that are not sent yet
  std::chrono::microseconds queued_cost{};
  std::uint64_t refused_connections = 0;  // since the start
};

// The work of one provider, of the core provider or of administration.
struct LaneStatus {
  std::string name;
  std::uint64_t queued = 0;
  std::chrono::microseconds queued_cost{};
  std::uint64_t running = 0;
  std::chrono::milliseconds oldest_wait{};
};

struct StoreStatus {
  bool is_degraded = false;
  bool is_checking = false;  // not degraded as far as is known
  std::string reason;
  std::uint64_t unreadable_records = 0;
};

struct ProviderStatus {
  enum class State : std::uint8_t {
    Unknown,
    Up,
    Degraded,    // serves, but something has just failed and is looked into
    Down,        // its operations are refused; it is tried again by itself
    Recovering,  // as Down, while it is looked at
  };
  std::uint8_t id = 0;
  std::string name;  // in the configuration of the service
  State state = State::Unknown;
  // Up, degraded, or down with looks in between; the epoch for one that is always up.
  std::chrono::sys_seconds since;
  std::string reason;                 // empty while it is up
  std::uint64_t unfinished_keys = 0;  // whose objects in the device are still to be destroyed
};

// What an operator decides about a provider with a device.
enum class ProviderAction : std::uint8_t {
  Unlock,      // try a password again that the device has refused
  AcceptRoot,  // go on with the device that is there; keys of another are of no use then
};

struct ProviderAnswer {
  bool is_done = false;
  std::string message;  // what was done, or why it was not, for people
};

struct ServiceStatus {
  std::string version;
  std::chrono::sys_seconds started_at;
  std::chrono::seconds uptime{};
  bool is_memory_locked = false;
  // 1 at the start, one more with each reload that was applied.
  std::uint64_t configuration_generation = 0;
  std::optional<ReloadReport> last_reload;
  ServiceLoad applications;
  ServiceLoad administrators;
  std::vector<LaneStatus> lanes;
  StoreStatus store;
  std::vector<ProviderStatus> providers;
};

}  // namespace strongroom
