// Where what was computed from secrets stops being one.
#pragma once

#ifdef STRONGROOM_MARKS_SECRETS
#include <valgrind/memcheck.h>
#endif

namespace strongroom {

// `value`, which depends on secrets and which the caller is told all the same: whether a MAC
// matches, what was wrong with a padding. Branches on it are no leak. tests/constant_time marks
// secrets as undefined for valgrind, and this as the way back; elsewhere it is nothing but its
// argument.
template <typename T>
[[gnu::always_inline]] inline T declassified(T value) noexcept {
#ifdef STRONGROOM_MARKS_SECRETS
  VALGRIND_MAKE_MEM_DEFINED(&value, sizeof value);
#endif
  return value;
}

}  // namespace strongroom
