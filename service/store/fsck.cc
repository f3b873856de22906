#include "service/store/fsck.h"

#include <iterator>

#include "service/store/disk/store_file.h"
#include "service/store/head_check.h"

namespace strongroom {
namespace {

// What SQLite itself says of the file, beside "ok".
Result<std::vector<Finding>> damage_of(Database& database) {
  std::vector<Finding> damage;
  Statement statement = TRY(database.prepare("PRAGMA integrity_check(20)"));
  for (bool more = TRY(statement.step()); more; more = TRY(statement.step())) {
    const std::string_view line = statement.text(0).value_or("no answer");
    if (line != "ok")
      damage.push_back({Finding::Kind::DatabaseDamaged, std::nullopt, 0, escaped(line)});
  }
  return damage;
}

Result<std::optional<Head>> head_of(StoreFile& file) {
  Bytes stored = TRY(read_meta(file.table.database(), "head"));
  Result<Head> head = unseal_head(file.sealer, stored);
  return head ? std::optional(*head) : std::nullopt;
}

// The service's own check, with nobody to wait for its slices.
Result<> run(HeadCheck& check, StoreFile& file, const std::optional<Head>& head) {
  Catalogue nobodys(0);
  for (bool is_over = false; !is_over;) {
    auto verdict = TRY(check.advance(file.table, file.sealer, nobodys, head));
    is_over = verdict.has_value();
  }
  return {};
}

Result<CheckReport> check_file(StoreFile& file, CheckMode mode) {
  std::vector<Finding> damage = TRY(damage_of(file.table.database()));
  const std::optional<Head> head = TRY(head_of(file));
  HeadCheck check(HeadCheck::Pass::Seals);
  TRY(run(check, file, head));
  CheckReport report = check.take_report();
  report.findings.insert(report.findings.begin(), std::make_move_iterator(damage.begin()),
                         std::make_move_iterator(damage.end()));
  if (mode == CheckMode::Report) return report;
  std::ignore = TRY(check.accept(file.table.database(), file.sealer, head.value_or(Head())));
  report.is_accepted = true;
  return report;
}

}  // namespace

Result<CheckReport> check_store(const StoreSettings& settings, CheckMode mode) {
  StoreFile file = TRY(open_store_file(settings, MissingStore::Refuse));
  return in_context(check_file(file, mode), "checking store '{}'", settings.database);
}

}  // namespace strongroom
