#include "service/store/fsck.h"

#include <algorithm>
#include <limits>

#include "service/store/disk/store_file.h"
#include "service/store/finding.h"
#include "service/store/sealed/head.h"

namespace strongroom {
namespace {

// Gathers a report and, beside it, the head that the rows as they are would have.
class Check {
 public:
  explicit Check(StoreFile& file) noexcept : file_(file) {}

  Result<> look() {
    TRY(ask_sqlite());
    TRY(file_.table.scan(std::numeric_limits<std::int64_t>::min(),
                         std::numeric_limits<std::int64_t>::max(),
                         [this](const KeyTable::Scanned& scanned) { return visit(scanned); }));
    return compare_head();
  }

  Result<> accept() {
    Database& database = file_.table.database();
    ++found_.generation;
    Bytes head = TRY(seal_head(file_.sealer, found_));
    TRY(database.execute("BEGIN IMMEDIATE"));
    TRY(write_meta(database, "head", head));
    TRY(database.execute("COMMIT"));
    report_.is_accepted = true;
    return {};
  }

  CheckReport take_report() { return std::move(report_); }

 private:
  void add(Finding::Kind kind, std::string text) {
    report_.findings.push_back({kind, std::nullopt, 0, std::move(text)});
  }

  void add(Finding::Kind kind, const SealedRow& row, std::string_view what) {
    report_.findings.push_back(finding_at(kind, row, what));
  }

  Result<> ask_sqlite() {
    Statement statement = TRY(file_.table.database().prepare("PRAGMA integrity_check(20)"));
    for (bool more = TRY(statement.step()); more; more = TRY(statement.step())) {
      std::string_view line = statement.text(0).value_or("no answer");
      if (line != "ok") add(Finding::Kind::DatabaseDamaged, escaped(line));
    }
    return {};
  }

  Result<> visit(const KeyTable::Scanned& scanned) {
    const auto& [number, row, as_stored] = scanned;
    ++report_.records;
    ++found_.records;
    found_.last_serial =
        std::max(found_.last_serial, static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0)));
    if (row) return visit(*row);
    ++found_.unreadable;
    Sealer::Mac element = TRY(malformed_element(file_.sealer, as_stored));
    found_.rows.add(element);
    report_.findings.push_back(illegible_row(number, row.error().message()));
    return {};
  }

  Result<> visit(const SealedRow& row) {
    found_.last_serial = std::max(found_.last_serial, row.serial);
    Sealer::Mac element = TRY(multiset_element(file_.sealer, row));
    found_.rows.add(element);
    Result<KeyRecordPtr> record = unseal_row(file_.sealer, row);
    if (!record) {
      if (record.error().status() != Status::PsaErrorDataCorrupt)
        return std::unexpected(std::move(record).error());
      ++found_.unreadable;
      add(Finding::Kind::Unreadable, row, record.error().message());
      return {};
    }
    if (row.state == KeyState::Pending) add(Finding::Kind::Pending, row, "pending");
    if (row.state == KeyState::Destroying) add(Finding::Kind::Destroying, row, "destroying");
    ++report_.verified;
    return {};
  }

  Result<> compare_head() {
    Bytes stored = TRY(read_meta(file_.table.database(), "head"));
    Result<Head> head = unseal_head(file_.sealer, stored);
    if (!head) {
      add(Finding::Kind::HeadUnreadable, head.error().message());
      return {};
    }
    if (head->records != found_.records || head->unreadable != found_.unreadable ||
        head->rows != found_.rows)
      add(Finding::Kind::HeadDiffers, difference(*head, found_));
    found_.generation = head->generation;
    found_.last_serial = std::max(found_.last_serial, head->last_serial);
    return {};
  }

  StoreFile& file_;
  Head found_;
  CheckReport report_;
};

}  // namespace

Result<CheckReport> check_store(const StoreSettings& settings, CheckMode mode) {
  StoreFile file = TRY(open_store_file(settings, MissingStore::Refuse));
  Check check(file);
  TRY(in_context(check.look(), "checking store '{}'", settings.database));
  if (mode == CheckMode::Accept)
    TRY(in_context(check.accept(), "writing a new head of store '{}'", settings.database));
  return check.take_report();
}

}  // namespace strongroom
