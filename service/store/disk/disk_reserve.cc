#include "service/store/disk/disk_reserve.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace strongroom {

bool DiskReserve::give_up() {
  if (!is_whole_) return false;
  is_whole_ = false;
  return ::truncate(path_.c_str(), 0) == 0;
}

bool DiskReserve::refill() {
  if (is_whole_) return true;
  const UniqueFd file(
      ::open(path_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file) return false;
  is_whole_ = ::posix_fallocate(file.get(), 0, kBytes) == 0;
  // A part of it would only take what others need.
  if (!is_whole_ && ::ftruncate(file.get(), 0) != 0) return false;
  return is_whole_;
}

}  // namespace strongroom
