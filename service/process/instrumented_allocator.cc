// In the place of wiping_allocator.cc: replacing only part of a sanitizer's allocator aborts, and
// wiping would hide from it what is read after it was freed.
#include "service/process/wiping_allocator.h"

namespace strongroom {

Result<> wipe_what_libcrypto_frees() {
  return {};
}

}  // namespace strongroom
