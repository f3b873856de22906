#include "service/store/head_check.h"

namespace strongroom {
namespace {

// A few milliseconds, for which a change may have to wait.
constexpr std::size_t kSlice = 512;

}  // namespace

Result<std::optional<HeadCheck::Finding>> HeadCheck::advance(KeyTable& table, const Sealer& sealer,
                                                             Catalogue& catalogue,
                                                             const std::optional<Head>& head) {
  HeadCheck before = *this;
  Result<std::size_t> seen =
      table.scan(next_, kSlice, [&](std::int64_t number, const Result<SealedRow>& row) {
        return visit(sealer, catalogue, number, row);
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

Result<> HeadCheck::visit(const Sealer& sealer, Catalogue& catalogue, std::int64_t number,
                          const Result<SealedRow>& row) {
  if (number < std::numeric_limits<std::int64_t>::max()) next_ = number + 1;
  if (!row) {
    ++unreadable_;
    return {};
  }
  if (pass_ == Pass::Seals) return visit_seal(sealer, catalogue, *row);
  return count(sealer, *row);
}

Result<> HeadCheck::visit_seal(const Sealer& sealer, Catalogue& catalogue, const SealedRow& row) {
  Result<KeyRecordPtr> record = unseal_row(sealer, row);
  if (record) return count(sealer, row);
  if (record.error().status() != Status::PsaErrorDataCorrupt)
    return std::unexpected(std::move(record).error());
  ++unreadable_;
  catalogue.mark_unreadable(row.key, row.serial);
  return {};
}

Result<> HeadCheck::count(const Sealer& sealer, const SealedRow& row) {
  Sealer::Mac element = TRY(multiset_element(sealer, row));
  sum_.add(element);
  ++records_;
  return {};
}

std::optional<HeadCheck::Finding> HeadCheck::conclude(const std::optional<Head>& head) {
  bool matches = head && head->records == records_ && head->rows == sum_;
  bool has_unreadable = unreadable_ != 0;
  if (matches && !has_unreadable) return Finding{HeadState::Matches, {}};
  if (pass_ == Pass::Elements) {
    start(Pass::Seals);
    return std::nullopt;
  }
  if (matches) return Finding{HeadState::MatchesReadable, {}};
  if (!head) return Finding{HeadState::Differs, "the head of the store does not verify"};
  return Finding{
      HeadState::Differs,
      fmt::format("the head counts {} records; {} verify, {} do not{}", head->records, records_,
                  unreadable_,
                  records_ == head->records ? ", and some were put in place of others" : "")};
}

void HeadCheck::start(Pass pass) {
  *this = HeadCheck();
  pass_ = pass;
}

}  // namespace strongroom
