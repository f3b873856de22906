// Reads single rows beside the writer.
#pragma once

#include <mutex>
#include <optional>

#include "service/store/disk/key_table.h"

namespace strongroom {

// Its own connection, one reader at a time. Any thread.
class RecordReader {
 public:
  explicit RecordReader(std::string path) : path_(std::move(path)) {}

  // A connection is opened by the first read after close().
  Result<std::optional<SealedRow>> read(std::int64_t row);
  void close();

 private:
  const std::string path_;
  std::mutex mutex_;
  std::optional<KeyTable> table_;
};

}  // namespace strongroom
