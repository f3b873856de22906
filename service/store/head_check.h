// The look at all records that tells whether they are those of the head.
#pragma once

#include <limits>
#include <optional>

#include "service/store/catalogue.h"
#include "service/store/condition.h"
#include "service/store/disk/key_table.h"
#include "service/store/sealed/head.h"

namespace strongroom {

// Goes through the rows a slice at a time, between transactions of the same thread, and keeps up
// with what those change in the part it has seen. First without opening seals; if that does not
// give the head's hash, or the head has rows that were accepted as unreadable, it goes round again,
// opens each seal, and marks what does not verify. A row that does not verify counts like any
// other: one that the head does not have is noticed.
class HeadCheck {
 public:
  struct Finding {
    HeadState state;
    std::string reason;
  };

  // Looks at the next slice. A Finding at the end, nullopt before. An error of the disk leaves it
  // where it was.
  Result<std::optional<Finding>> advance(KeyTable& table, const Sealer& sealer,
                                         Catalogue& catalogue, const std::optional<Head>& head);

  // What a committed transaction did.
  void added(std::int64_t row, const Sealer::Mac& element);
  void removed(std::int64_t row, const Sealer::Mac& element);

 private:
  enum class Pass { Elements, Seals };

  Result<> visit(const Sealer& sealer, Catalogue& catalogue, const KeyTable::Scanned& scanned);
  Result<> open_seal(const Sealer& sealer, Catalogue& catalogue, const SealedRow& row);
  std::optional<Finding> conclude(const std::optional<Head>& head);
  void start(Pass pass);

  Pass pass_ = Pass::Elements;
  // Rows below have been seen.
  std::int64_t next_ = std::numeric_limits<std::int64_t>::min();
  MultisetHash sum_;
  std::uint64_t records_ = 0;
  std::uint64_t unreadable_ = 0;
};

}  // namespace strongroom
