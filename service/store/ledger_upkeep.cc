// What the ledger does between transactions.
#include <algorithm>

#include "base/log.h"
#include "service/store/disk/store_file.h"
#include "service/store/ledger.h"

namespace strongroom {
namespace {

using namespace std::chrono_literals;

// A reader in the way of the cut is gone in less.
constexpr auto kWalRetryDelay = 50ms;

}  // namespace

std::optional<WriterWork::Clock::time_point> Ledger::tend() {
  if (!is_loaded_ || (recover_at_ && *recover_at_ <= Clock::now())) try_recover();
  if (cut_wal_at_ && *cut_wal_at_ <= Clock::now()) cut_wal();
  take_askers();
  if (check_at_ && *check_at_ <= Clock::now()) check_head();
  if (!refill_at_ || *refill_at_ <= Clock::now()) refill_reserve();
  tend_epoch();
  std::optional<Clock::time_point> next;
  const auto epoch_at = can_begin_epoch() ? guard_->next_look() : std::nullopt;
  for (const auto& time : {recover_at_, cut_wal_at_, check_at_, refill_at_, epoch_at})
    if (time && (!next || *time < *next)) next = time;
  return next;
}

// Reads the index and the head as the file has them now, and lets the check begin.
Result<> Ledger::load() {
  Catalogue fresh(0);
  std::uint64_t last_serial = 0;
  TRY(table_->scan_clear([&](std::int64_t number, const Result<SealedRow>& row) -> Result<> {
    if (row)
      fresh.add(*row);
    else
      fresh.add_illegible();
    last_serial = std::max({last_serial, row ? row->serial : 0,
                            static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0))});
    return {};
  }));
  Bytes stored = TRY(read_meta(table_->database(), "head"));
  Result<Head> head = unseal_head(parts_.sealer, stored);
  is_head_valid_ = head.has_value();
  head_ = head ? *head : Head();
  head_.last_serial = std::max(head_.last_serial, last_serial);
  parts_.catalogue.replace(fresh);
  // Whoever waits for a look at the seals gets one at these rows.
  check_.emplace(askers_.empty() ? HeadCheck::Pass::Elements : HeadCheck::Pass::Seals);
  check_at_ = Clock::now();
  // A crash may have come between a destroy and its cut.
  cut_wal_at_ = Clock::now();
  return {};
}

Result<> Ledger::ensure_usable() {
  if (must_reopen_) TRY(reopen());
  if (is_loaded_) return {};
  Result<> loaded = load();
  is_loaded_ = loaded.has_value();
  parts_.gate.settle(loaded);
  return loaded;
}

Result<> Ledger::reopen() {
  // SQLite recovers a WAL when the first connection opens it, so both must be closed before.
  parts_.reader.close();
  table_.reset();
  is_loaded_ = false;
  if (guard_) guard_->forget_outcome();
  Database database = TRY(Database::open(path_, kPageCacheKib));
  table_ = TRY(KeyTable::open(std::move(database)));
  must_reopen_ = false;
  return {};
}

// Ends with a commit, which alone shows that the disk takes writes again.
void Ledger::try_recover() {
  recover_at_.reset();
  Result<> recovered = ensure_usable();
  if (recovered && !parts_.condition.snapshot().write_failure.empty()) {
    Transaction transaction{.head = head_, .changes = {}, .deltas = {}};
    recovered = table_->database().execute("BEGIN IMMEDIATE");
    if (recovered) recovered = touch();
    if (recovered) recovered = finish(transaction);
    roll_back();
  }
  if (!recovered) note_failure(recovered.error());
}

// A write even when the head may not be written.
Result<> Ledger::touch() {
  Bytes check_value = TRY(read_meta(table_->database(), "key_check"));
  return write_meta(table_->database(), "key_check", check_value);
}

void Ledger::cut_wal() {
  cut_wal_at_.reset();
  if (!table_) return;
  Result<bool> is_cut = table_->database().truncate_wal();
  if (is_cut && *is_cut) return;
  if (!is_cut) log::warning("store", "cutting the WAL: {}", is_cut.error().message());
  cut_wal_at_ = Clock::now() + (is_cut ? Clock::duration(kWalRetryDelay) : kRetryDelay);
}

// Where the disk or the head fails, that comes first.
bool Ledger::can_begin_epoch() const {
  return guard_ && is_loaded_ && is_head_valid_ && !must_reopen_;
}

void Ledger::tend_epoch() {
  if (!can_begin_epoch()) return;
  const Clock::time_point now = Clock::now();
  const std::optional<Clock::time_point> due = guard_->next_look();
  if (!due || *due > now) return;
  if (guard_->is_behind()) return follow_epoch();
  Result<> begun = begin_epoch();
  if (begun) return;
  note_failure(begun.error());
  guard_->postpone(now);
}

Result<> Ledger::begin_epoch() {
  Transaction transaction{.head = head_, .changes = {}, .deltas = {}, .begins_epoch = true};
  Result<> begun = table_->database().execute("BEGIN IMMEDIATE");
  if (begun) begun = finish(transaction);
  roll_back();
  return begun;
}

void Ledger::follow_epoch() {
  const Result<> followed = guard_->follow(head_.epoch, Clock::now());
  parts_.condition.set_counter_failure(followed ? std::string() : followed.error().message());
}

void Ledger::end_epoch() {
  if (!can_begin_epoch()) return;
  if (guard_->is_behind()) return follow_epoch();
  if (Result<> begun = begin_epoch(); !begun)
    log::warning("store", "ending the epoch: {}", begun.error().message());
}

void Ledger::refill_reserve() {
  refill_at_.reset();
  if (!reserve_.refill()) refill_at_ = Clock::now() + kRetryDelay;
}

}  // namespace strongroom
