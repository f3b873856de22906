#include "service/store/disk/record_reader.h"

namespace strongroom {
namespace {

constexpr int kPageCacheKib = 256;

}  // namespace

Result<std::optional<SealedRow>> RecordReader::read(std::int64_t row) {
  std::lock_guard lock(mutex_);
  if (!table_) {
    Database database = TRY(Database::open(path_, kPageCacheKib));
    table_ = TRY(KeyTable::open(std::move(database)));
  }
  return table_->find_row(row);
}

void RecordReader::close() {
  std::lock_guard lock(mutex_);
  table_.reset();
}

}  // namespace strongroom
