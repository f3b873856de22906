#include "service/store/head_check.h"

#include <algorithm>

#include "service/store/disk/transaction.h"
#include "service/store/finding.h"

namespace strongroom {
namespace {

// A few milliseconds, for which a change may have to wait.
constexpr std::size_t kSlice = 512;

Result<Sealer::Mac> element_of(const Sealer& sealer, const KeyTable::Scanned& scanned) {
  if (scanned.row) return multiset_element(sealer, *scanned.row);
  return malformed_element(sealer, scanned.as_stored);
}

// Of what the row decides, and so whoever can write to the file.
std::size_t size_of(const Finding& finding) {
  std::size_t size = finding.text.size();
  if (finding.key)
    size += finding.key->name.size() + finding.key->application.name.size() +
            finding.key->provider.instance.size();
  return size;
}

}  // namespace

Result<std::optional<HeadCheck::Verdict>> HeadCheck::advance(KeyTable& table, const Sealer& sealer,
                                                             Catalogue& catalogue,
                                                             const std::optional<Head>& head) {
  HeadCheck before = *this;
  Result<std::size_t> seen = table.scan(next_, kSlice, [&](const KeyTable::Scanned& scanned) {
    return visit(sealer, catalogue, scanned);
  });
  if (!seen) {
    *this = before;
    return std::unexpected(std::move(seen).error());
  }
  if (*seen == kSlice) return std::nullopt;
  return conclude(head);
}

void HeadCheck::added(std::int64_t row, const Sealer::Mac& element) {
  if (row >= next_) return;
  found_.rows.add(element);
  ++found_.records;
}

void HeadCheck::removed(std::int64_t row, const Sealer::Mac& element) {
  if (row >= next_) return;
  found_.rows.remove(element);
  --found_.records;
}

CheckReport HeadCheck::take_report() {
  return {.records = found_.records,
          .verified = found_.records - found_.unreadable,
          .findings = std::move(findings_),
          .left_out = left_out_};
}

void HeadCheck::note(Finding finding) {
  const std::size_t size = size_of(finding);
  if (findings_.size() >= kMostFindings || size > kMostFindingBytes - finding_bytes_) {
    ++left_out_;
    return;
  }
  finding_bytes_ += size;
  findings_.push_back(std::move(finding));
}

// Comes first, and is always kept.
void HeadCheck::note_of_head(Finding finding) {
  findings_.insert(findings_.begin(), std::move(finding));
}

Result<> HeadCheck::visit(const Sealer& sealer, Catalogue& catalogue,
                          const KeyTable::Scanned& scanned) {
  const auto& [number, row, as_stored] = scanned;
  if (number < std::numeric_limits<std::int64_t>::max()) next_ = number + 1;
  std::uint64_t serial = row ? row->serial : 0;
  found_.last_serial = std::max(
      {found_.last_serial, serial, static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0))});
  if (!row) {
    ++found_.unreadable;
    note(illegible_row(number, row.error().message()));
  } else if (pass_ == Pass::Seals) {
    TRY(open_seal(sealer, catalogue, *row));
  }
  Sealer::Mac element = TRY(element_of(sealer, scanned));
  found_.rows.add(element);
  ++found_.records;
  return {};
}

Result<> HeadCheck::open_seal(const Sealer& sealer, Catalogue& catalogue, const SealedRow& row) {
  Result<KeyRecordPtr> record = unseal_row(sealer, row);
  if (record) {
    if (row.state == KeyState::Pending) note(finding_at(Finding::Kind::Pending, row, "pending"));
    if (row.state == KeyState::Destroying)
      note(finding_at(Finding::Kind::Destroying, row, "destroying"));
    return {};
  }
  if (record.error().status() != Status::PsaErrorDataCorrupt)
    return std::unexpected(std::move(record).error());
  ++found_.unreadable;
  note(finding_at(Finding::Kind::Unreadable, row, record.error().message()));
  unreadable_.emplace_back(row.key, row.serial);
  catalogue.mark_unreadable(row.key, row.serial);
  return {};
}

Result<Head> HeadCheck::accept(Database& database, const Sealer& sealer, const Head& last) const {
  Head head = found_;
  head.generation = last.generation + 1;
  head.last_serial = std::max(head.last_serial, last.last_serial);
  head.epoch = last.epoch;
  Bytes sealed = TRY(seal_head(sealer, head));
  TRY(in_transaction(database, [&] { return write_meta(database, "head", sealed); }));
  return head;
}

void HeadCheck::mark_unreadable(Catalogue& catalogue) const {
  for (const auto& [key, serial] : unreadable_)
    catalogue.mark_unreadable(key, serial);
}

std::optional<HeadCheck::Verdict> HeadCheck::conclude(const std::optional<Head>& head) {
  if (pass_ == Pass::Seals) return conclude_seals(head);
  bool matches = head && head->records == found_.records && head->rows == found_.rows;
  if (matches && head->unreadable == 0 && found_.unreadable == 0)
    return Verdict{HeadState::Matches, {}};
  *this = HeadCheck(Pass::Seals);
  return std::nullopt;
}

HeadCheck::Verdict HeadCheck::conclude_seals(const std::optional<Head>& head) {
  Verdict verdict{HeadState::Differs, {}};
  if (!head) {
    verdict.reason = "the head of the store does not verify";
    note_of_head({Finding::Kind::HeadUnreadable, std::nullopt, 0, verdict.reason});
  } else if (head->records == found_.records && head->rows == found_.rows &&
             head->unreadable == found_.unreadable) {
    verdict.state = found_.unreadable == 0 ? HeadState::Matches : HeadState::MatchesAccepted;
  } else {
    verdict.reason = difference(*head, found_);
    note_of_head({Finding::Kind::HeadDiffers, std::nullopt, 0, verdict.reason});
  }
  return verdict;
}

}  // namespace strongroom
