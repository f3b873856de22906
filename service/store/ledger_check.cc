// The ledger's look at all records: its own at each load, and those that are asked for.
#include <algorithm>
#include <memory>

#include "base/log.h"
#include "service/store/ledger.h"

namespace strongroom {

void Ledger::ask_for_check(CheckMode mode, Checked checked) {
  waiting_askers_.push_back({mode, std::move(checked)});
}

// Who comes while one goes on waits for the next, which begins after the question.
void Ledger::take_askers() {
  if (!askers_.empty()) return;
  askers_.swap(waiting_askers_);
  if (askers_.empty()) return;
  if (Result<> usable = ensure_usable(); !usable) {
    note_failure(usable.error());
    return answer_askers(std::unexpected(std::move(usable).error()));
  }
  check_.emplace(HeadCheck::Pass::Seals);
  check_at_ = Clock::now();
}

void Ledger::answer_askers(const Result<CheckReportPtr>& found) {
  std::vector<Asker> askers;
  askers.swap(askers_);
  for (Asker& asker : askers)
    asker.checked(found);
  if (!waiting_askers_.empty()) check_at_ = Clock::now();
}

void Ledger::check_head() {
  check_at_.reset();
  // Another look begins with the database's return.
  if (!table_) check_.reset();
  if (!table_ && !askers_.empty())
    answer_askers(
        fail(Status::KeyInfoManagerError, "checking the store: the disk does not answer"));
  if (!check_) return;
  std::optional<Head> head = is_head_valid_ ? std::optional(head_) : std::nullopt;
  auto verdict = check_->advance(*table_, parts_.sealer, parts_.catalogue, head);
  if (!verdict) {
    log::warning("store", "looking at all records: {}", verdict.error().message());
    answer_askers(std::unexpected(std::move(verdict).error()));
    check_at_ = Clock::now() + kRetryDelay;
  } else if (!*verdict) {
    check_at_ = Clock::now();
  } else {
    conclude_check(**std::move(verdict));
  }
}

void Ledger::conclude_check(HeadCheck::Verdict verdict) {
  HeadCheck check = *std::move(check_);
  check_.reset();
  parts_.condition.set_head(verdict.state, std::move(verdict.reason));
  if (askers_.empty()) return;
  auto report = std::make_shared<CheckReport>(check.take_report());
  bool is_accepted = std::ranges::any_of(
      askers_, [](const Asker& asker) { return asker.mode == CheckMode::Accept; });
  if (is_accepted)
    if (Result<> accepted = accept(check); !accepted) {
      note_failure(accepted.error());
      return answer_askers(std::unexpected(std::move(accepted).error()));
    }
  report->is_accepted = is_accepted;
  answer_askers(report);
}

Result<> Ledger::accept(const HeadCheck& check) {
  Result<Head> written = check.accept(table_->database(), parts_.sealer, head_);
  roll_back();
  const Head head = TRY(std::move(written));
  log::warning("store", "accepted {} records as they are, {} of which do not verify", head.records,
               head.unreadable);
  parts_.condition.set_head(HeadState::MatchesAccepted, {});
  // The index follows the file: another's rows have their names from now on.
  is_loaded_ = false;
  TRY(ensure_usable());
  check.mark_unreadable(parts_.catalogue);
  return {};
}

}  // namespace strongroom
