// Applies changes to the database, and keeps index, head and file in step.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "service/store/catalogue.h"
#include "service/store/condition.h"
#include "service/store/disk/disk_reserve.h"
#include "service/store/disk/key_table.h"
#include "service/store/disk/record_reader.h"
#include "service/store/head_check.h"
#include "service/store/keying/rollback_guard.h"
#include "service/store/load_gate.h"
#include "service/store/sealed/head.h"
#include "service/store/writer.h"

namespace strongroom {

// Used by the writer's thread alone, and owns the writing connection. The
// database is the truth within a transaction; the catalogue follows a commit, before the commit is
// answered. After a failure of the disk the outcome of a commit is not known: both connections are
// closed, so that SQLite recovers the WAL, and the index is read anew, before any later change.
class Ledger final : public WriterWork {
 public:
  // What the ledger works with; all outlive it.
  struct Parts {
    const Sealer& sealer;
    Catalogue& catalogue;
    Condition& condition;
    LoadGate& gate;
    RecordReader& reader;
  };

  Ledger(std::string path, KeyTable table, std::optional<RollbackGuard> guard, Parts parts)
      : path_(std::move(path)),
        parts_(parts),
        reserve_(path_),
        table_(std::move(table)),
        guard_(std::move(guard)) {}

  // At a clean stop, after the last of what is removed: copies from before are old from now on.
  void end_epoch();
  // Looked at by tend(), which answers.
  void ask_for_check(CheckMode mode, Checked checked);

  std::vector<Result<>> commit(std::span<const Change* const> group) override;
  // Loads the index at first; then recovers from failures, cuts the WAL, checks the head.
  std::optional<Clock::time_point> tend() override;
  void became_stuck(bool is_stuck) override { parts_.condition.set_stuck(is_stuck); }

 private:
  static constexpr auto kRetryDelay = std::chrono::seconds(1);

  struct RowDelta {
    std::int64_t row;
    std::optional<Sealer::Mac> removed, added;
  };
  struct Transaction {
    Head head;
    std::vector<Catalogue::Change> changes;
    std::vector<RowDelta> deltas;
    bool leaves_old_bytes = false;  // until the WAL is cut
    bool removes_keys = false;      // that were present
    bool begins_epoch = false;
  };
  using Outcome = Result<std::vector<Result<>>>;

  Result<> load();
  Result<> reopen();
  // Reopens if that is due.
  Result<> ensure_usable();
  Outcome run(std::span<const Change* const> group);
  // Of a group for which there is no room: what frees some, in the room that is held for it.
  Outcome run_removals(std::span<const Change* const> group, Error full);
  Outcome apply_all(Transaction& transaction, std::span<const Change* const> group);
  Result<> finish(Transaction& transaction);
  void take_over(Transaction& transaction);
  void roll_back();
  void note_failure(const Error& error);

  // One each kind of Change.
  Result<> apply(Transaction& transaction, const InsertKey& change);
  Result<> apply(Transaction& transaction, const ReplaceKey& change);
  Result<> apply(Transaction& transaction, const FulfilKey& change);
  Result<> apply(Transaction& transaction, const RemoveKey& change);
  Result<> apply(Transaction& transaction, const AbandonKey& change);
  Result<> apply(Transaction& transaction, const BeginDestroyKey& change);
  Result<> apply(Transaction& transaction, const FinishDestroyKey& change);
  // The key's row, in that state and with a seal that verifies. PsaErrorDoesNotExist,
  // PsaErrorDataCorrupt.
  struct OpenRow {
    SealedRow row;
    KeyRecordPtr record;
  };
  // Of any serial, when that is 0.
  Result<OpenRow> find_open(const KeyId& key, KeyState state, std::uint64_t serial = 0);
  // Writes the row with its new state and `record`'s content.
  Result<> reseal(Transaction& transaction, SealedRow row, KeyState state, const KeyRecord& record);
  // `open` gives its name up.
  Result<> begin_destroy(Transaction& transaction, OpenRow open);
  Result<> erase(Transaction& transaction, const SealedRow& row);
  // PsaErrorStorageFailure when there is no serial left for a new key.
  static Result<> check_serials(const Transaction& transaction, const KeyId& key);

  void try_recover();
  Result<> touch();
  void cut_wal();
  void refill_reserve();
  bool can_begin_epoch() const;
  void tend_epoch();
  Result<> begin_epoch();
  void follow_epoch();
  void check_head();
  void conclude_check(HeadCheck::Verdict verdict);
  // Those who asked for a check.
  void take_askers();
  void answer_askers(const Result<CheckReportPtr>& found);
  Result<> accept(const HeadCheck& check);

  const std::string path_;
  Parts parts_;
  DiskReserve reserve_;
  std::optional<KeyTable> table_;
  std::optional<RollbackGuard> guard_;
  // Of the last commit. When the stored head does not verify only last_serial is meaningful, and
  // no head is written: it stays as it is for an operator to see.
  Head head_;
  bool is_head_valid_ = false;
  bool is_loaded_ = false;
  bool must_reopen_ = false;
  std::optional<HeadCheck> check_;
  struct Asker {
    CheckMode mode;
    Checked checked;
  };
  std::vector<Asker> askers_;  // of the check that goes on
  std::optional<Clock::time_point> cut_wal_at_, recover_at_, check_at_, refill_at_;
  std::vector<Asker> waiting_askers_;  // of the next one
};

}  // namespace strongroom
