// Room on the disk for when there is no other.
#pragma once

#include <string>

namespace strongroom {

// A file beside the database that holds nothing but its room: a destroy writes before it frees, and
// would not be possible on a disk that is full. One thread.
class DiskReserve {
 public:
  // What a transaction of removals writes to the WAL, several times over.
  static constexpr int kBytes = 128 * 1024;

  explicit DiskReserve(const std::string& database) : path_(database + ".reserve") {}

  // False when there is none.
  bool give_up();
  // Whether it is there now.
  bool refill();
  bool is_whole() const noexcept { return is_whole_; }

 private:
  const std::string path_;
  bool is_whole_ = false;
};

}  // namespace strongroom
