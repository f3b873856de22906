#include "service/store/head_check.h"

namespace strongroom {
namespace {

// A few milliseconds, for which a change may have to wait.
constexpr std::size_t kSlice = 512;

Result<Sealer::Mac> element_of(const Sealer& sealer, const KeyTable::Scanned& scanned) {
  if (scanned.row) return multiset_element(sealer, *scanned.row);
  return malformed_element(sealer, scanned.as_stored);
}

}  // namespace

Result<std::optional<HeadCheck::Finding>> HeadCheck::advance(KeyTable& table, const Sealer& sealer,
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
  sum_.add(element);
  ++records_;
}

void HeadCheck::removed(std::int64_t row, const Sealer::Mac& element) {
  if (row >= next_) return;
  sum_.remove(element);
  --records_;
}

Result<> HeadCheck::visit(const Sealer& sealer, Catalogue& catalogue,
                          const KeyTable::Scanned& scanned) {
  if (scanned.number < std::numeric_limits<std::int64_t>::max()) next_ = scanned.number + 1;
  if (!scanned.row)
    ++unreadable_;
  else if (pass_ == Pass::Seals)
    TRY(open_seal(sealer, catalogue, *scanned.row));
  Sealer::Mac element = TRY(element_of(sealer, scanned));
  sum_.add(element);
  ++records_;
  return {};
}

Result<> HeadCheck::open_seal(const Sealer& sealer, Catalogue& catalogue, const SealedRow& row) {
  Result<KeyRecordPtr> record = unseal_row(sealer, row);
  if (record) return {};
  if (record.error().status() != Status::PsaErrorDataCorrupt)
    return std::unexpected(std::move(record).error());
  ++unreadable_;
  catalogue.mark_unreadable(row.key, row.serial);
  return {};
}

std::optional<HeadCheck::Finding> HeadCheck::conclude(const std::optional<Head>& head) {
  bool matches = head && head->records == records_ && head->rows == sum_;
  if (pass_ == Pass::Elements) {
    if (matches && head->unreadable == 0 && unreadable_ == 0)
      return Finding{HeadState::Matches, {}};
    start(Pass::Seals);
    return std::nullopt;
  }
  if (matches && head->unreadable == unreadable_)
    return Finding{unreadable_ == 0 ? HeadState::Matches : HeadState::MatchesAccepted, {}};
  if (!head) return Finding{HeadState::Differs, "the head of the store does not verify"};
  return Finding{HeadState::Differs,
                 fmt::format("the head counts {} records, {} of them accepted as unreadable; there "
                             "are {}, of which {} do not verify{}",
                             head->records, head->unreadable, records_, unreadable_,
                             matches || records_ != head->records ? "" : ", not the same ones")};
}

void HeadCheck::start(Pass pass) {
  *this = HeadCheck();
  pass_ = pass;
}

}  // namespace strongroom
