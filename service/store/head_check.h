// The look at all records that tells whether they are those of the head.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "service/store/catalogue.h"
#include "service/store/condition.h"
#include "service/store/disk/key_table.h"
#include "service/store/sealed/head.h"

namespace strongroom {

// Goes through the rows a slice at a time, between transactions of the same thread, and keeps up
// with what those change in the part it has seen. First without opening seals; if that does not
// give the head's hash, or the head has rows that were accepted as unreadable, it goes round again,
// opens each seal, and marks what does not verify. Whoever asked for a check wants the seals opened
// in any case. A row that does not verify counts like any other: one that the head does not have is
// noticed.
class HeadCheck {
 public:
  struct Verdict {
    HeadState state;
    std::string reason;
  };
  enum class Pass { Elements, Seals };
  // What a report keeps of them beside that of the head: so many, of so many bytes.
  static constexpr std::size_t kMostFindings = 1000;
  static constexpr std::size_t kMostFindingBytes = std::size_t{512} * 1024;

  explicit HeadCheck(Pass first = Pass::Elements) noexcept : pass_(first) {}

  // Looks at the next slice. A Verdict at the end, nullopt before. An error of the disk leaves it
  // where it was.
  Result<std::optional<Verdict>> advance(KeyTable& table, const Sealer& sealer,
                                         Catalogue& catalogue, const std::optional<Head>& head);

  // What a committed transaction did.
  void added(std::int64_t row, const Sealer::Mac& element);
  void removed(std::int64_t row, const Sealer::Mac& element);

  // After the Verdict of a pass over the seals. What there is to tell, once.
  CheckReport take_report();
  // Writes a head of these rows, behind `last`, in a transaction of its own, and gives it. On a
  // failure the transaction may be open.
  Result<Head> accept(Database& database, const Sealer& sealer, const Head& last) const;
  // What a catalogue that was read anew does not know.
  void mark_unreadable(Catalogue& catalogue) const;

 private:
  Result<> visit(const Sealer& sealer, Catalogue& catalogue, const KeyTable::Scanned& scanned);
  Result<> open_seal(const Sealer& sealer, Catalogue& catalogue, const SealedRow& row);
  std::optional<Verdict> conclude(const std::optional<Head>& head);
  Verdict conclude_seals(const std::optional<Head>& head);
  void note(Finding finding);
  void note_of_head(Finding finding);

  Pass pass_;
  // Rows below have been seen.
  std::int64_t next_ = std::numeric_limits<std::int64_t>::min();
  Head found_;
  std::vector<std::pair<KeyId, std::uint64_t>> unreadable_;  // with their serials
  std::vector<Finding> findings_;
  std::size_t finding_bytes_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace strongroom
