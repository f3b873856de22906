// What the discovery calls tell.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/psa.h"
#include "protocol/opcode.h"

namespace strongroom {

struct WireVersion {
  std::uint32_t major_number = 0;
  std::uint32_t minor_number = 0;
  bool operator==(const WireVersion&) const = default;
};

struct ReleaseVersion {
  std::uint32_t major_number = 0;
  std::uint32_t minor_number = 0;
  std::uint32_t revision = 0;
  bool operator==(const ReleaseVersion&) const = default;
};

// Ids may be ones that this version of the library has no name for.
struct ProviderInfo {
  ProviderId id = ProviderId::Core;
  std::string uuid;
  std::string description;
  std::string vendor;
  ReleaseVersion version;
};

struct AuthenticatorInfo {
  AuthType id = AuthType::NoAuth;
  std::string description;
  ReleaseVersion version;
};

// One name may stand for two keys, in two providers.
struct KeyInfo {
  ProviderId provider;
  std::string name;
  psa::KeyAttributes attributes;
};

// What keeps a key's secret from whoever reads the disk or the service's memory.
enum class Protection : std::uint8_t { Unknown, Software, Token, Tpm };

// What the service knows of one key, beside its secret.
struct KeyDetails {
  KeyInfo key;
  std::chrono::sys_seconds created;
  Bytes public_key;  // as export_public_key() gives it; empty for symmetric keys
  Protection protection = Protection::Unknown;
};

struct ReloadReport {
  enum class Outcome : std::uint8_t { Applied, Refused };
  Outcome outcome;
  std::chrono::sys_seconds at;
  std::string message;
};

// What came of a reload that was asked for.
struct ReloadAnswer {
  ReloadReport::Outcome outcome;
  std::uint64_t generation = 0;  // of the configuration in force
  std::string message;           // what has changed, or why nothing has
};

// What a look at the whole key store found that is not plain.
struct StoreFinding {
  enum class Kind : std::uint8_t {
    Unknown,
    DatabaseDamaged,
    HeadUnreadable,
    HeadDiffers,  // a row was inserted, edited, removed, put back or replaced by an older one
    Unreadable,   // a record that does not verify
    Pending,
    Destroying,
  };
  Kind kind = Kind::Unknown;
  std::string text;  // for people
};

struct StoreCheckAnswer {
  std::uint64_t records = 0;
  std::uint64_t verified = 0;
  std::vector<StoreFinding> findings;
  std::uint64_t left_out = 0;  // findings that are not told, because there are too many
  bool is_accepted = false;
};

// What one side of the service holds.
struct ServiceLoad {
  std::uint64_t principals = 0;
  std::uint64_t connections = 0;
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
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

struct ServiceStatus {
  std::string version;
  std::chrono::sys_seconds started_at;
  std::chrono::seconds uptime{};
  bool is_memory_locked = false;
  std::uint64_t configuration_generation = 0;  // 1 at the start, one more with each reload
  std::optional<ReloadReport> last_reload;
  ServiceLoad applications;
  ServiceLoad administrators;
  std::vector<LaneStatus> lanes;
  StoreStatus store;
};

}  // namespace strongroom
