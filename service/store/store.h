// The key store as the rest of the service sees it. One implementation keeps sealed records in
// SQLite; a fake for tests passes the same suite.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "providers/key_record.h"

namespace strongroom {

// Where a key is in its life. Absent has no row.
enum class KeyState : std::uint8_t {
  Present = 1,
  Pending = 2,     // its device object is being made: use answers 1140, create 1139
  Destroying = 3,  // its device object is being destroyed: use answers 1140, the name is free
};

// Whether the store can be trusted and written. Degraded keeps every record that verifies usable.
struct StoreHealth {
  bool is_degraded = false;
  bool is_checking = false;  // not degraded as far as is known: the look at the whole goes on
  std::string reason;        // for the operator; empty when healthy
  std::size_t unreadable_records = 0;
  bool is_altered = false;  // its rows are known not to be those that it has written
};

// What a look at all records finds that is not plain.
struct Finding {
  enum class Kind {
    DatabaseDamaged,  // what SQLite's integrity check says; offline alone
    HeadUnreadable,
    HeadDiffers,  // a row was inserted, edited, removed, put back or replaced by an older one
    Unreadable,   // a record whose seal does not verify, or a row that is none
    Pending,
    Destroying,
    // Not the store's own: what comparing it with the devices of providers finds.
    NotCompared,    // the device does not serve
    ObjectMissing,  // of a record, in the device
    ObjectDiffers,  // another key has taken its place
    OrphanObject,   // made by this service, of no record
  };
  Kind kind;
  std::optional<KeyId> key;  // as the clear columns say; for Unreadable they may lie
  std::int64_t row = 0;      // of the table, 0 when the finding is of no row
  std::string text;          // for people, escaped
  std::string subject = {};  // by which an operator can say that it be repaired; empty: not
};

enum class CheckMode {
  Report,  // changes nothing
  Accept,  // makes the rows as they are the store's content: writes a new head over them
};

struct CheckReport {
  std::uint64_t records = 0;   // rows in the table
  std::uint64_t verified = 0;  // of these, whose seal verifies
  std::vector<Finding> findings;
  std::uint64_t left_out = 0;  // findings beyond those that are kept
  bool is_accepted = false;    // a new head was written, for whoever asked
  // What a crash left behind the service finishes by itself, and records that do not verify are
  // accepted ones where the head does not differ.
  bool is_damaged() const noexcept {
    return std::ranges::any_of(findings, [](const Finding& finding) {
      using enum Finding::Kind;
      return finding.kind == DatabaseDamaged || finding.kind == HeadUnreadable ||
             finding.kind == HeadDiffers;
    });
  }
};
// One for all who asked: it may be large.
using CheckReportPtr = std::shared_ptr<const CheckReport>;
// Called once, on a thread of the store; dropped when the store is closed first.
using Checked = std::move_only_function<void(Result<CheckReportPtr>)>;

// Called exactly once, on a thread of the store: success means durable. KeyInfoManagerError after
// store_timeout says that the outcome is not known. Must not block.
using Committed = std::move_only_function<void(Result<>)>;

// Reads never wait for the writer; changes are queued, answered by completion in the order given,
// and visible to reads once committed. All methods may be called from any thread. Failures beyond
// those named: KeyInfoManagerError for I/O, PsaErrorInsufficientStorage for a full disk.
class Store {
 public:
  virtual ~Store() = default;

  // From memory alone, for threads that must not wait for a disk. nullopt: the record has to be
  // read, ask find(). PsaErrorDoesNotExist, PsaErrorDataCorrupt as find().
  virtual std::optional<Result<KeyRecordPtr>> peek(const KeyId& id) = 0;

  // May read the disk. PsaErrorDoesNotExist for a name that is absent, pending or destroying,
  // PsaErrorDataCorrupt for a record that does not verify.
  virtual Result<KeyRecordPtr> find(const KeyId& id) = 0;

  // From memory. PsaErrorAlreadyExists when the name cannot be given to a new key now: a cheap look
  // before expensive work, not a reservation, and success as long as the index is not read.
  virtual Result<> check_free(const KeyId& id) = 0;

  // Inserts if absent, else PsaErrorAlreadyExists. The record's serial is set by the store.
  virtual void create(KeyRecord record, Committed committed) = 0;
  // As create(), in one step with the removal of a present key of that name, if there is one:
  // whatever happens, there is the one or the other. PsaErrorDataCorrupt as destroy().
  virtual void replace(KeyRecord record, Committed committed) = 0;
  // Removes a present key and its sealed bytes. PsaErrorDoesNotExist, PsaErrorDataCorrupt.
  virtual void destroy(const KeyId& id, Committed committed) = 0;
  // That very key: PsaErrorDoesNotExist, too, where another has its name by now. A record of serial
  // 0 is of whatever has the name.
  virtual void destroy_record(const KeyRecord& key, Committed committed) = 0;

  // For keys with an object in a device: the name is taken durably before the object is made, and
  // freed durably before it is destroyed, so that a crash between the two leaves a trace.
  virtual void reserve(KeyRecord record, Committed committed) = 0;  // absent → pending
  virtual void fulfil(KeyRecord record, Committed committed) = 0;   // pending → present
  virtual void release(const KeyId& id, Committed committed) = 0;   // pending → absent
  // pending → destroying, when the pending key has the material of this one, which gives the record
  // of what is to be destroyed. For a reservation that did not come to an end: the name is free at
  // once, the trace stays. Not by name alone, which may have been given to another meanwhile.
  // PsaErrorDoesNotExist.
  using Abandoned = std::move_only_function<void(Result<KeyRecordPtr>)>;
  virtual void abandon(KeyRecord reserved, Abandoned abandoned) = 0;
  // present → destroying. That very key, as destroy_record().
  virtual void begin_destroy(const KeyRecord& key, Committed committed) = 0;
  virtual void finish_destroy(std::uint64_t serial, Committed committed) = 0;  // → absent
  struct Unfinished {
    KeyState state;  // Pending or Destroying
    KeyRecordPtr record;
  };
  // What a crash or an absent device left of a provider's keys.
  virtual Result<std::vector<Unfinished>> unfinished(const ProviderIdentity& provider) = 0;

  // Present and readable keys, in no order; their material may be left out, because an application
  // may own more keys than there is memory for secrets. May read the disk; peek_keys_of as peek,
  // and nullopt as well when there are more than `at_most`.
  virtual Result<std::vector<KeyRecordPtr>> keys_of(const ApplicationId& application) = 0;
  virtual std::optional<std::vector<KeyRecordPtr>> peek_keys_of(const ApplicationId& application,
                                                                std::size_t at_most) = 0;
  // Names of the applications of `authenticator` that own a key, sorted, each once. From memory,
  // for which it may wait to be read.
  virtual std::vector<std::string> applications(std::uint8_t authenticator) = 0;

  // Whether there are keys of the provider in any state, readable or not; what the service itself
  // keeps is none. From memory, for which it may wait to be read.
  virtual Result<bool> has_keys_of(const ProviderIdentity& provider) = 0;
  // The names of its present keys, readable or not, likewise.
  virtual Result<std::vector<KeyId>> names_of(const ProviderIdentity& provider) = 0;
  // Those that has_keys_of() is true of, in no order.
  virtual Result<std::vector<ProviderIdentity>> providers_with_keys() = 0;

  virtual StoreHealth health() = 0;

  // Opens every seal, a slice at a time between changes, and compares all with the head. Accept
  // ends the complaint about what it found; an unreadable record keeps its row and its name.
  virtual void check(CheckMode mode, Checked checked) = 0;
};

}  // namespace strongroom
