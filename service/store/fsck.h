// The offline look at a whole store, and the acceptance of what it finds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "providers/key_record.h"
#include "service/store/store_settings.h"

namespace strongroom {

enum class FsckMode {
  Report,  // changes nothing
  Accept,  // makes the rows as they are the store's content: writes a new head over them
};

struct Finding {
  enum class Kind {
    DatabaseDamaged,  // what SQLite's integrity check says
    HeadUnreadable,
    HeadDiffers,  // a row was inserted, edited, removed, put back or replaced by an older one
    Unreadable,   // a record whose seal does not verify, or a row that is none
    Pending,
    Destroying,
  };
  Kind kind;
  std::optional<KeyId> key;  // as the clear columns say; for Unreadable they may lie
  std::int64_t row = 0;      // of the table, 0 when the finding is of no row
  std::string text;          // for people, escaped
};

struct FsckReport {
  std::uint64_t records = 0;   // rows in the table
  std::uint64_t verified = 0;  // of these, whose seal verifies
  std::vector<Finding> findings;
  bool is_accepted = false;  // a new head was written
  bool is_clean() const noexcept { return findings.empty(); }
};

// "unreadable", "head-differs" …: the words of reports for programs.
std::string_view to_string(Finding::Kind kind) noexcept;

// Takes the store's lock, and so fails with KeyInfoManagerError while a daemon runs; likewise for a
// store or a key that is missing, or a key that does not open it. Nothing is ever deleted: an
// unreadable record keeps its row and its name, and Accept ends the daemon's complaint about it.
Result<FsckReport> check_store(const StoreSettings& settings, FsckMode mode);

}  // namespace strongroom
