#include "service/store/ledger.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <limits>

#include "base/log.h"
#include "base/wall_clock.h"

namespace strongroom {
namespace {

using namespace std::chrono_literals;

// A destroyed record's old bytes are gone from the WAL within 1 s of the answer; many destroys in a
// row share one cut.
constexpr auto kWalCutDelay = 500ms;

// Failures that end the whole transaction, as opposed to a change that cannot be done.
bool is_of_the_disk(const Error& error) {
  return error.status() == Status::KeyInfoManagerError ||
         error.status() == Status::PsaErrorInsufficientStorage;
}

template <typename T>
bool is_full(const Result<T>& outcome) {
  return !outcome && outcome.error().status() == Status::PsaErrorInsufficientStorage;
}

bool is_removal(const Change* change) {
  return std::holds_alternative<RemoveKey>(*change) ||
         std::holds_alternative<AbandonKey>(*change) ||
         std::holds_alternative<BeginDestroyKey>(*change) ||
         std::holds_alternative<FinishDestroyKey>(*change);
}

Catalogue::Entry entry_of(const SealedRow& row) {
  return {row.row, row.serial, row.state, false};
}

}  // namespace

std::vector<Result<>> Ledger::commit(std::span<const Change* const> group) {
  Outcome outcome = run(group);
  if (is_full(outcome)) {
    // The WAL may hold the room that is wanted.
    cut_wal();
    outcome = run(group);
  }
  if (is_full(outcome)) outcome = run_removals(group, outcome.error());
  if (outcome) return *std::move(outcome);
  note_failure(outcome.error());
  std::vector<Result<>> failures;
  failures.reserve(group.size());
  for (std::size_t i = 0; i < group.size(); ++i)
    failures.emplace_back(std::unexpected(outcome.error()));
  return failures;
}

Ledger::Outcome Ledger::run_removals(std::span<const Change* const> group, Error full) {
  std::vector<const Change*> removals;
  std::ranges::copy_if(group, std::back_inserter(removals), is_removal);
  if (removals.empty() || !reserve_.give_up()) return std::unexpected(std::move(full));
  refill_at_ = Clock::now() + kRetryDelay;
  Outcome removed = run(removals);
  // What they wrote may be taken back now.
  cut_wal();
  if (!removed) return removed;
  std::vector<Result<>> results;
  results.reserve(group.size());
  for (auto next = removed->begin(); const Change* change : group)
    results.push_back(is_removal(change) ? *next++ : Result<>(std::unexpected(full)));
  return results;
}

Ledger::Outcome Ledger::run(std::span<const Change* const> group) {
  TRY(ensure_usable());
  Transaction transaction{.head = head_, .changes = {}, .deltas = {}};
  Result<> begun = table_->database().execute("BEGIN IMMEDIATE");
  if (!begun) return std::unexpected(std::move(begun).error());
  Outcome results = apply_all(transaction, group);
  if (results && !transaction.changes.empty())
    if (Result<> finished = finish(transaction); !finished)
      results = std::unexpected(std::move(finished).error());
  roll_back();
  return results;
}

Ledger::Outcome Ledger::apply_all(Transaction& transaction, std::span<const Change* const> group) {
  std::vector<Result<>> results;
  results.reserve(group.size());
  for (const Change* change : group) {
    Result<> result =
        std::visit([&](const auto& what) { return apply(transaction, what); }, *change);
    if (!result && (is_of_the_disk(result.error()) || !table_->database().is_in_transaction()))
      return std::unexpected(std::move(result).error());
    results.push_back(std::move(result));
  }
  return results;
}

Result<> Ledger::finish(Transaction& transaction) {
  Head& head = transaction.head;
  ++head.generation;
  if (guard_ && is_head_valid_ && transaction.removes_keys)
    transaction.begins_epoch |= guard_->begins_epoch_with_removal(Clock::now());
  if (transaction.begins_epoch) ++head.epoch;
  if (is_head_valid_) {
    Bytes sealed = TRY(seal_head(parts_.sealer, head));
    TRY(write_meta(table_->database(), "head", sealed));
  }
  TRY(table_->database().execute("COMMIT"));
  take_over(transaction);
  // Before the removal is answered.
  if (transaction.begins_epoch) follow_epoch();
  return {};
}

void Ledger::take_over(Transaction& transaction) {
  head_ = transaction.head;
  for (const RowDelta& delta : transaction.deltas) {
    if (check_ && delta.removed) check_->removed(delta.row, *delta.removed);
    if (check_ && delta.added) check_->added(delta.row, *delta.added);
  }
  parts_.catalogue.apply(transaction.changes);
  parts_.condition.clear_write_failure();
  recover_at_.reset();
  if (transaction.leaves_old_bytes && !cut_wal_at_) cut_wal_at_ = Clock::now() + kWalCutDelay;
}

// After a commit there is nothing to roll back.
void Ledger::roll_back() {
  if (!table_ || !table_->database().is_in_transaction()) return;
  if (Result<> result = table_->database().execute("ROLLBACK"); !result) {
    log::warning("store", "{}", result.error().message());
    must_reopen_ = true;
  }
}

void Ledger::note_failure(const Error& error) {
  if (!is_of_the_disk(error)) return;
  parts_.condition.set_write_failure(fmt::format("writing failed: {}", error.message()));
  if (error.status() == Status::KeyInfoManagerError) must_reopen_ = true;
  recover_at_ = Clock::now() + kRetryDelay;
}

// The next one would be negative in its row and not be found again. Only a number that somebody
// else wrote into the file comes near.
Result<> Ledger::check_serials(const Transaction& transaction, const KeyId& key) {
  if (transaction.head.last_serial < std::numeric_limits<std::int64_t>::max()) return {};
  return fail(
      Status::PsaErrorStorageFailure,
      fmt::format("creating key '{}': a row has the last serial there is", escaped(key.name)));
}

Result<> Ledger::apply(Transaction& transaction, const InsertKey& change) {
  TRY(check_serials(transaction, change.record->id));
  KeyRecord& record = *change.record;
  SealedRow row;
  row.key = record.id;
  row.state = change.state;
  row.serial = transaction.head.last_serial + 1;
  row.row = static_cast<std::int64_t>(row.serial);
  row.created = record.created.time_since_epoch().count();
  if (row.created == 0) row.created = now_in_seconds().time_since_epoch().count();
  TRY(seal_row(parts_.sealer, record, row));
  Sealer::Mac element = TRY(multiset_element(parts_.sealer, row));
  TRY(in_context(table_->insert(row), "creating key '{}'", escaped(row.key.name)));

  transaction.head.last_serial = row.serial;
  ++transaction.head.records;
  transaction.head.rows.add(element);
  record.serial = row.serial;
  record.created = std::chrono::sys_seconds(std::chrono::seconds(row.created));
  transaction.deltas.push_back({row.row, std::nullopt, element});
  transaction.changes.push_back({Catalogue::Change::Kind::Put, row.key, entry_of(row),
                                 change.state == KeyState::Present ? change.record : nullptr});
  return {};
}

Result<> Ledger::apply(Transaction& transaction, const ReplaceKey& change) {
  const InsertKey insertion{change.record, KeyState::Present};
  std::optional<SealedRow> before = TRY(table_->find(change.record->id));
  if (!before || before->state != KeyState::Present) return apply(transaction, insertion);
  TRY(check_serials(transaction, change.record->id));
  TRY(apply(transaction, RemoveKey{change.record->id, KeyState::Present}));
  Result<> inserted = apply(transaction, insertion);
  if (inserted) return inserted;
  // So that the removal is undone, too, with all that is in the transaction.
  return fail(Status::KeyInfoManagerError, inserted.error().message());
}

Result<> Ledger::apply(Transaction& transaction, const FulfilKey& change) {
  OpenRow reserved = TRY(find_open(change.record->id, KeyState::Pending));
  KeyRecord& record = *change.record;
  record.serial = reserved.row.serial;
  record.created = reserved.record->created;
  TRY(reseal(transaction, reserved.row, KeyState::Present, record));
  SealedRow row = reserved.row;
  row.state = KeyState::Present;
  transaction.changes.push_back(
      {Catalogue::Change::Kind::Put, row.key, entry_of(row), change.record});
  return {};
}

Result<> Ledger::apply(Transaction& transaction, const RemoveKey& change) {
  OpenRow open = TRY(find_open(change.key, change.state, change.serial));
  TRY(erase(transaction, open.row));
  transaction.removes_keys |= change.state == KeyState::Present;
  transaction.changes.push_back(
      {Catalogue::Change::Kind::Remove, change.key, entry_of(open.row), nullptr});
  return {};
}

Result<> Ledger::apply(Transaction& transaction, const AbandonKey& change) {
  KeyRecord& record = *change.record;
  OpenRow open = TRY(find_open(record.id, KeyState::Pending));
  if (open.record->material != record.material)
    return fail(Status::PsaErrorDoesNotExist,
                fmt::format("the reservation of key '{}'", escaped(record.id.name)));
  record.serial = open.row.serial;
  record.attributes = open.record->attributes;
  record.created = open.record->created;
  return begin_destroy(transaction, std::move(open));
}

Result<> Ledger::apply(Transaction& transaction, const BeginDestroyKey& change) {
  OpenRow open = TRY(find_open(change.key, KeyState::Present, change.serial));
  transaction.removes_keys = true;
  return begin_destroy(transaction, std::move(open));
}

Result<> Ledger::begin_destroy(Transaction& transaction, OpenRow open) {
  TRY(reseal(transaction, open.row, KeyState::Destroying, *open.record));
  open.row.state = KeyState::Destroying;
  transaction.changes.push_back(
      {Catalogue::Change::Kind::PutDestroying, open.row.key, entry_of(open.row), nullptr});
  return {};
}

Result<> Ledger::apply(Transaction& transaction, const FinishDestroyKey& change) {
  std::optional<SealedRow> row = TRY(table_->find_destroying(change.serial));
  if (!row)
    return fail(Status::PsaErrorDoesNotExist,
                fmt::format("no key of serial {} is being destroyed", change.serial));
  std::ignore = TRY(unseal_row(parts_.sealer, *row));
  TRY(erase(transaction, *row));
  transaction.changes.push_back(
      {Catalogue::Change::Kind::RemoveDestroying, row->key, entry_of(*row), nullptr});
  return {};
}

Result<Ledger::OpenRow> Ledger::find_open(const KeyId& key, KeyState state, std::uint64_t serial) {
  std::optional<SealedRow> row = TRY(in_context(table_->find(key), "key '{}'", escaped(key.name)));
  if (!row || row->state != state || (serial != 0 && row->serial != serial))
    return fail(Status::PsaErrorDoesNotExist, fmt::format("key '{}'", escaped(key.name)));
  Result<KeyRecordPtr> record = unseal_row(parts_.sealer, *row);
  if (record) return OpenRow{*std::move(row), *std::move(record)};
  if (record.error().status() == Status::PsaErrorDataCorrupt &&
      parts_.catalogue.mark_unreadable(key, row->serial))
    parts_.condition.note_unreadable();
  return std::unexpected(in_context(std::move(record), "key '{}'", escaped(key.name)).error());
}

Result<> Ledger::reseal(Transaction& transaction, SealedRow row, KeyState state,
                        const KeyRecord& record) {
  Sealer::Mac old_element = TRY(multiset_element(parts_.sealer, row));
  row.state = state;
  TRY(seal_row(parts_.sealer, record, row));
  Sealer::Mac new_element = TRY(multiset_element(parts_.sealer, row));
  TRY(table_->update(row));
  transaction.head.rows.remove(old_element);
  transaction.head.rows.add(new_element);
  transaction.deltas.push_back({row.row, old_element, new_element});
  transaction.leaves_old_bytes = true;
  return {};
}

Result<> Ledger::erase(Transaction& transaction, const SealedRow& row) {
  Sealer::Mac element = TRY(multiset_element(parts_.sealer, row));
  TRY(table_->erase(row.row));
  --transaction.head.records;
  transaction.head.rows.remove(element);
  transaction.deltas.push_back({row.row, element, std::nullopt});
  transaction.leaves_old_bytes = true;
  return {};
}

}  // namespace strongroom
