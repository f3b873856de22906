#include "client/process_identity.h"

#include <atomic>
#include <new>
#include <sys/mman.h>

namespace strongroom::client {
namespace {

using Mark = std::atomic<std::uint64_t>;

// The mark lies in a page that the kernel clears in each child (madvise(2), MADV_WIPEONFORK).
std::atomic<Mark*> mark = nullptr;
Mark unwiped = 0;  // where there is no such page: then the pid alone tells processes apart
std::atomic<std::uint64_t> last_forks = 0;

Mark* make_mark() noexcept {
  const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* page = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const bool is_wiped = page != MAP_FAILED && ::madvise(page, size, MADV_WIPEONFORK) == 0;
  Mark* made = is_wiped ? new (page) Mark(0) : &unwiped;
  Mark* known = nullptr;
  if (mark.compare_exchange_strong(known, made, std::memory_order_acq_rel)) return made;
  if (page != MAP_FAILED) ::munmap(page, size);
  return known;
}

}  // namespace

Process Process::current() noexcept {
  Mark* ours = mark.load(std::memory_order_acquire);
  if (ours == nullptr) ours = make_mark();
  std::uint64_t forks = ours->load(std::memory_order_relaxed);
  if (forks == 0) {
    const std::uint64_t next = ++last_forks;
    if (ours->compare_exchange_strong(forks, next)) forks = next;
  }
  return {.pid = ::getpid(), .forks = forks};
}

}  // namespace strongroom::client
