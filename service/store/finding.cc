#include "service/store/finding.h"

#include <fmt/format.h>

#include "base/bytes.h"

namespace strongroom {
namespace {

// Whole when it is ordinary; of one that is mostly escapes, four bytes each, the beginning.
std::string shown(std::string_view name) {
  constexpr std::size_t kMost = 260;
  std::string text = escaped(name);
  return text.size() <= kMost ? text : escaped(name, kMost / 4);
}

}  // namespace

std::string_view to_string(Finding::Kind kind) noexcept {
  switch (kind) {
    case Finding::Kind::DatabaseDamaged: return "database-damaged";
    case Finding::Kind::HeadUnreadable: return "head-unreadable";
    case Finding::Kind::HeadDiffers: return "head-differs";
    case Finding::Kind::Unreadable: return "unreadable";
    case Finding::Kind::Pending: return "pending";
    case Finding::Kind::Destroying: return "destroying";
    case Finding::Kind::NotCompared: return "not-compared";
    case Finding::Kind::ObjectMissing: return "object-missing";
    case Finding::Kind::ObjectDiffers: return "object-differs";
    case Finding::Kind::OrphanObject: return "orphan-object";
  }
  return "unknown";
}

Finding finding_at(Finding::Kind kind, const SealedRow& row, std::string_view what) {
  const KeyId& key = row.key;
  return {kind, key, row.row,
          fmt::format("key '{}' of application '{}' (authenticator {}), provider '{}': {}",
                      shown(key.name), shown(key.application.name), key.application.authenticator,
                      shown(key.provider.instance), what)};
}

Finding illegible_row(std::int64_t row, std::string_view what) {
  return {Finding::Kind::Unreadable, std::nullopt, row, fmt::format("row {}: {}", row, what)};
}

std::string difference(const Head& head, const Head& found) {
  std::string_view what = "changed";
  if (found.records < head.records) what = "removed";
  if (found.records > head.records) what = "added";
  return fmt::format(
      "records were {} by somebody else: the service left {} ({} accepted as unreadable), there "
      "are "
      "{} ({} unreadable)",
      what, head.records, head.unreadable, found.records, found.unreadable);
}

}  // namespace strongroom
