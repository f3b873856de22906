#include "client/channel/descriptor_list.h"

#include <algorithm>
#include <sys/stat.h>
#include <unistd.h>

namespace strongroom::client {

void DescriptorList::add(int descriptor) noexcept {
  struct stat status{};
  if (::fstat(descriptor, &status) != 0) return;
  auto* entry = std::ranges::find_if(entries_, [](const Entry& one) { return one.descriptor < 0; });
  if (entry == entries_.end()) return;
  entry->device = status.st_dev;
  entry->inode = status.st_ino;
  entry->descriptor = descriptor;
}

void DescriptorList::remove(int descriptor) noexcept {
  for (Entry& entry : entries_)
    if (entry.descriptor == descriptor) entry.descriptor = -1;
}

void DescriptorList::close_all() noexcept {
  for (Entry& entry : entries_) {
    const int descriptor = entry.descriptor.exchange(-1);
    struct stat status{};
    if (descriptor < 0 || ::fstat(descriptor, &status) != 0) continue;
    if (status.st_dev == entry.device && status.st_ino == entry.inode) ::close(descriptor);
  }
}

}  // namespace strongroom::client
