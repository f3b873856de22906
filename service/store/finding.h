// The words in which a look at the store says what it found.
#pragma once

#include <string_view>

#include "service/store/sealed/head.h"
#include "service/store/sealed/sealed_row.h"
#include "service/store/store.h"

namespace strongroom {

// "unreadable", "head-differs" …: the words of reports for programs.
std::string_view to_string(Finding::Kind kind) noexcept;

// Of a row whose clear columns are legible, and of one that is none. Less than 1 KiB of text.
Finding finding_at(Finding::Kind kind, const SealedRow& row, std::string_view what);
Finding illegible_row(std::int64_t row, std::string_view what);
// What the head says against what there is.
std::string difference(const Head& head, const Head& found);

}  // namespace strongroom
