// Secrets as memcheck sees them: bytes without a value. A branch or an index that depends on one is
// an error of the kind that memcheck counts, which is Langley's ctgrind.
#pragma once

#include <valgrind/memcheck.h>

#include "base/bytes.h"

namespace strongroom::constant_time {

inline bool is_watched() {
  return RUNNING_ON_VALGRIND != 0;
}

inline void make_secret(ByteView bytes) {
  VALGRIND_MAKE_MEM_UNDEFINED(bytes.data(), bytes.size());
}

// For what a test looks at itself.
inline void make_public(ByteView bytes) {
  VALGRIND_MAKE_MEM_DEFINED(bytes.data(), bytes.size());
}

// Counts what `operation` lets out.
template <typename Operation>
unsigned leaks_of(Operation operation) {
  unsigned before = VALGRIND_COUNT_ERRORS;
  operation();
  return VALGRIND_COUNT_ERRORS - before;
}

}  // namespace strongroom::constant_time
